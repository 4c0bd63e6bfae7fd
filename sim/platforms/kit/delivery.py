"""One POST of a platform, what proves where it comes from, and what its receiver says of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

Json = dict[str, object]
Headers = tuple[tuple[str, str], ...]
CONTENT_TYPE = ("content-type", "application/json")


class CarriesHeaders(Protocol):
    """The headers of a request as any framework holds them: something with `items()`."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Pairs of name and value; the names in any case."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a delivery is authentic; false as a condition when it is not, and then says why."""

    accepted: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.accepted


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver answers; the body is JSON."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """One HTTP POST to be made now; `serial` names it when its answer is told to the sender."""

    serial: int
    url: str
    headers: Headers
    body: bytes
    timeout_s: float
    keys: tuple[str, ...]
    attempt: int = 1


class Verify(Protocol):
    """The signature that a platform's `verify` has in common with the others."""

    def __call__(
        self,
        headers: CarriesHeaders,
        body: bytes,
        secrets: Sequence[str],
        *,
        scheme: str | None = None,
        utc_ms: int | None = None,
    ) -> Verdict:
        """Judge the raw bytes; the clock is the machine's unless `utc_ms` is given."""
        ...


class Stamp(Protocol):
    """Make the headers that prove a delivery's origin."""

    def __call__(
        self, body: bytes, secrets: Sequence[str], scheme: str | None, utc_ms: int
    ) -> Headers:
        """Header pairs for one attempt at `utc_ms`."""
        ...
