"""What the pump needs of the world: protocols that a real wire and a stand-in both fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from badge.effects import Upload
from badge.inputs import GpsFix, Input, UploadAnswer
from badge.ports import Flash

Give = Callable[[Input], None]


class Sensors(Protocol):
    """Position, time, voltage, motion and link."""

    async def watch(self, give: Give) -> None:
        """Tell every change, for ever."""

    async def power_gps(self, on: bool) -> None:
        """Switch the receiver on or off."""

    async def fix(self, timeout_s: float) -> GpsFix | None:
        """Wait for a fresh fix; None if there was none in time."""


class TagScanner(Protocol):
    """The radio that hears tags."""

    async def power(self, on: bool) -> None:
        """Switch scanning on or off; trouble is kept for the status, not raised."""

    async def scan(self, duration_s: float) -> tuple[tuple[str, int], ...] | None:
        """Return all (MAC, dBm) heard in one cycle, or None if the scanner was down."""


class Uplink(Protocol):
    """Where batches go; `trouble` is what went wrong last, None while all is well."""

    trouble: str | None

    async def send(self, upload: Upload) -> UploadAnswer:
        """Send a batch; status None is no answer.  Raises nothing."""


class SyncedFlash(Flash, Protocol):
    """The badge's memory: what `sync` has seen survives the loss of power."""

    def sync(self) -> None:
        """Wait until all is on the medium."""
