"""Which clock an NMEA epoch speaks of: made-up times before the first fix, and midnights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

DAY_MS = 86_400_000
JUMP_MS = 120_000
"""A clock that moves by more than this between two epochs was set, or the log was interrupted."""


class Timed(Protocol):
    """An epoch as far as its clock goes."""

    tod_ms: int

    @property
    def has_fix(self) -> bool:
        """Whether the receiver knew where, and so when, it was."""
        ...


def first_honest(epochs: Sequence[Timed]) -> int:
    """The index from which times are believed: behind the last jump ahead of the first fix.

    A receiver without satellites makes up its time as well as its date, until it is told better:
    then its clock jumps.  A log without a fix, or without a jump before it, is believed whole.
    """
    fixed = next((index for index, epoch in enumerate(epochs) if epoch.has_fix), 0)
    for index in range(fixed, 0, -1):
        if abs(step_ms(epochs[index - 1].tod_ms, epochs[index].tod_ms)) > JUMP_MS:
            return index
    return 0


def step_ms(before_ms: int, after_ms: int) -> int:
    """From one time of day to another the shorter way round: over half a day crosses midnight."""
    return (after_ms - before_ms + DAY_MS // 2) % DAY_MS - DAY_MS // 2


def midnights(tods_ms: Iterable[int]) -> Iterator[int]:
    """Midnights passed before each time of day: a step of over half a day crosses one."""
    passed, before_ms = 0, None
    for tod_ms in tods_ms:
        if before_ms is not None and before_ms - tod_ms > DAY_MS // 2:
            passed += 1
        elif before_ms is not None and tod_ms - before_ms > DAY_MS // 2:
            passed -= 1
        before_ms = tod_ms
        yield passed
