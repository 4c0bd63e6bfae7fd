"""What a part of the card may ask of the card around it."""

from __future__ import annotations

from typing import Any, Protocol

from sim.notecard.model.clock import CardClock
from sim.notecard.model.pins import Pins
from sim.notecard.storage.notefiles import Notefiles
from sim.notecard.storage.state import CardState
from sim.notecard.world.attached import Attachments
from sim.notecard.world.world import Position, World


class Services(Protocol):
    """The card, as its parts see it."""

    clock: CardClock
    world: World
    attached: Attachments
    state: CardState
    pins: Pins

    @property
    def files(self) -> Notefiles:
        """The notefiles."""

    @property
    def volts(self) -> float:
        """The supply voltage now."""

    @property
    def level(self) -> str:
        """The name of the voltage by the thresholds in force, such as ``normal``."""

    @property
    def on_usb(self) -> bool:
        """Whether USB powers the card."""

    @property
    def place(self) -> Position | None:
        """The last position."""

    @property
    def fixed_s(self) -> int:
        """UTC of the last position; 0 without one."""

    @property
    def moving(self) -> bool:
        """Whether the accelerometer's verdict is moving."""

    @property
    def gps_mode(self) -> str:
        """The mode of card.location.mode."""

    @property
    def connected(self) -> bool:
        """Whether a session is open."""

    @property
    def modem_on(self) -> bool:
        """Whether the radio draws power."""

    @property
    def penalised(self) -> bool:
        """Whether the card sits in the penalty box."""

    def touch(self) -> None:
        """Something that flash keeps has changed."""

    def watch(self, kind: str, text: str) -> None:
        """Tell whoever watches."""

    def log_note(self, file: str, body: dict[str, Any], payload: str = "") -> None:
        """Add a note of the card's own to an outbound queue."""

    def sync_now(self) -> None:
        """Want a sync."""

    def fire(self, event: str, file: str = "") -> None:
        """Let ATTN hear of an event."""


class TimedPart(Protocol):
    """A part that acts at times of its own."""

    def advance(self) -> None:
        """Act: the deadline has come."""

    def deadline_ms(self) -> int | None:
        """When, by the pump's clock."""
