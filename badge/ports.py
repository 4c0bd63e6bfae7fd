"""What a pump needs of the world around a badge, simulated or real: flash, and observers."""

from __future__ import annotations

from typing import Protocol

from badge.effects import Erase, Notice, Program
from badge.entry import Entry
from badge.inputs import Input


class FlashReader(Protocol):
    """The read side of a flash chip; all that a journal itself may do to it."""

    def read(self, address: int, length: int) -> bytes:
        """Return that many bytes from this address."""


class Flash(Protocol):
    """What performs the journal's effects, one after the other."""

    def perform(self, effect: Program | Erase) -> bool:
        """Do it; False if it does not read back."""


class Observer(Protocol):
    """Someone who is told everything that happens to a badge: a recorder, a count, a truth.

    What is logged is durable before any observer hears of it (contract section 3, sequence and
    power loss).  `ms` is the pump's clock.
    """

    def happened(self, ms: int, what: Input) -> None:
        """An input is about to be given."""

    def logged(self, ms: int, entry: Entry) -> None:
        """An event is durable and complete."""

    def noticed(self, ms: int, notice: Notice) -> None:
        """The badge has something to say to a person."""
