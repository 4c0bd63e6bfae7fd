"""The words of telemetry: attributes, kinds, and a span as whoever tells it sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

Attributes = Mapping[str, str | int | float | bool]
Kind = Literal["internal", "server", "client"]
Reading = Iterable[tuple[float, Attributes]]


class WatchedSpan:
    """A span that nobody hears of; with telemetry on, one that is sent when it ends."""

    def tell(self, attributes: Attributes) -> None:
        """Add what has become known."""

    def rename(self, name: str) -> None:
        """Name it anew, since what it is about was not known when it began."""

    def failed(self, why: str) -> None:
        """Say that it went wrong: an HTTP status, or a name of an error, and no more."""

    def end(self) -> None:
        """End it, once."""

    @property
    def headers(self) -> dict[str, str]:
        """What a request carries, so that the other side's spans become this one's."""
        return {}


UNHEARD = WatchedSpan()
