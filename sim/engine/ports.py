"""What a simulated badge needs of its world: sensors, an uplink, a supply of power."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from badge.effects import Effect, Upload
from badge.inputs import GpsFix, UploadAnswer


class Sensors(Protocol):
    """Where a badge's questions to its receivers are answered."""

    def fix(self, now_ms: int) -> tuple[int, GpsFix] | None:
        """Return (ms until the fix is there, fix), or None if none will come."""

    def heard(self, start_ms: int, end_ms: int) -> tuple[tuple[str, int], ...] | None:
        """Return all (MAC, dBm) heard in a scan cycle, or None if the scanner was down."""


class Uplink(Protocol):
    """Where batches go."""

    def send(self, upload: Upload, answer: Callable[[UploadAnswer], None]) -> None:
        """Send a batch and call `answer`, at a later time of the clock, as often as one comes."""


class NoUplink:
    """No coverage: what is sent is never answered; the badge's own deadline notices."""

    trouble: str | None = None

    def send(self, upload: Upload, answer: Callable[[UploadAnswer], None]) -> None:
        """Lose the batch."""


class PowerLostError(Exception):
    """The supply failed before, or in the middle of, an effect; none after it is performed."""


class Supply(Protocol):
    """What keeps a badge running, and may stop it between any two effects."""

    def spend(self, effect: Effect) -> None:
        """An effect is about to be performed; PowerLostError if it never is."""

    def fell(self) -> None:
        """Power was lost in the middle of effects: the pump is off for good."""

    def restart(self) -> None:
        """The badge asks to be restarted: soon its pump is `off`, and a new one boots."""
