"""What a badge in the field runs on: a clock, and a store that knows what became of its events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol


class FieldClock(Protocol):
    """Simulated time (see `sim.engine.clock.Clock`)."""

    @property
    def now_ms(self) -> int:
        """The simulated time."""

    @property
    def next_ms(self) -> int | None:
        """When the next call is due; None if there is none."""

    def at(self, ms: int, call: Callable[[], None]) -> None:
        """Run `call` at that time; `MisuseError` if it is over."""

    def after(self, delay_ms: int, call: Callable[[], None]) -> None:
        """Run `call` that much later."""


class FieldStore(Protocol):
    """The badge's store, as its world sees it."""

    @property
    def boot_age_ms(self) -> int:
        """The lifetime clock at the last boot."""

    def arrive(self, first: int, last: int, rejected: Mapping[int, str]) -> None:
        """The cloud has accepted a batch, the rejected ones excepted."""

    def finish(self, why: str) -> None:
        """The run is over: what still waits is queued, or lost with its battery."""
