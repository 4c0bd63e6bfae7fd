"""What goes out on AUXTX: notifications that card.aux.serial asks for, and the trace."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sim.notecard.model.services import Services

KINDS = ("accel", "signals", "env", "dfu")
ACCEL_MS = 500  # between readings, unless `duration` says otherwise
DFU_MIN = 5
RATE = 115_200
GPS_RATE = 9600


class AuxSerial:
    """Lines for the AUX UART; `send` takes each."""

    def __init__(self, card: Services, send: Callable[[str], None]) -> None:
        self._card, self._send = card, send
        self.tracing = False
        self._accel_ms = self._dfu_ms = card.clock.now_ms

    @property
    def _config(self) -> dict[str, Any]:
        return self._card.state.family("aux.serial")

    def wants(self, kind: str) -> bool:
        """Whether `mode` lists this kind of notification."""
        words = str(self._config.get("mode", "req")).split(",")
        return words[0] == "notify" and kind in words

    def notify(self, kind: str, **members: Any) -> None:
        """Send one notification, if it is asked for."""
        if self.wants(kind):
            self._send(json.dumps({"event": kind} | members, separators=(",", ":")))

    def trace(self, text: str) -> None:
        """Send a line of the trace, if card.trace is on."""
        if self.tracing:
            self._send(text)

    def advance(self) -> None:
        """Stream the accelerometer; remind of firmware that waits."""
        now_ms = self._card.clock.now_ms
        if self.wants("accel") and now_ms >= self._accel_ms:
            self._accel_ms = now_ms + (int(self._config.get("duration", 0)) or ACCEL_MS)
            moving = self._card.world.moving_at(self._card.clock.utc_ms)
            self.notify("accel", motion=moving, orientation=self._card.attached.orientation)
        if self.wants("dfu") and now_ms >= self._dfu_ms:
            self._dfu_ms = now_ms + 60_000 * (int(self._config.get("minutes", 0)) or DFU_MIN)
            if self._card.state.firmware.mode == "ready":
                self.notify("dfu", **self._card.state.firmware.body)

    def deadline_ms(self) -> int | None:
        """When the next reading or reminder is due."""
        due = [self._accel_ms] if self.wants("accel") else []
        due += [self._dfu_ms] if self.wants("dfu") else []
        return min(due, default=None)
