"""The deep sleep of a Notecard WiFi (card.sleep): seen in the trace and on ATTN's clock only.

What the real card does to the first byte that wakes it is not published: here nothing is lost.
"""

from __future__ import annotations

from typing import Any

from sim.notecard.model.services import Services

IDLE_S = 30


class Sleep:
    """Falls asleep after so much idleness; a request, or movement if asked for, wakes it."""

    def __init__(self, card: Services) -> None:
        self._card = card
        self._idle_ms = card.clock.now_ms
        self._look_ms = card.clock.now_ms
        self.asleep = False

    @property
    def _kept(self) -> dict[str, Any]:
        return self._card.state.family("sleep")

    @property
    def enabled(self) -> bool:
        """Whether the card may sleep at all."""
        return bool(self._kept.get("on"))

    def wake(self, why: str) -> None:
        """Something happens: the idle time begins anew."""
        self._idle_ms = self._card.clock.now_ms
        if self.asleep:
            self.asleep = False
            self._card.watch("link", f"awake: {why}")

    def advance(self) -> None:
        """Fall asleep, or be woken by movement."""
        self._look_ms = self._card.clock.now_ms + 1000
        if self.asleep:
            if self._kept.get("mode") == "accel" and self._card.moving:
                self.wake("movement")
        elif self._card.modem_on or self._card.on_usb:  # USB power forbids it
            self._idle_ms = self._card.clock.now_ms
        elif self._card.clock.now_ms >= self._due_ms:
            self.asleep = True
            self._card.watch("link", "asleep")

    @property
    def _due_ms(self) -> int:
        return self._idle_ms + 1000 * int(self._kept.get("seconds", IDLE_S))

    def deadline_ms(self) -> int | None:
        """When to look again."""
        if not self.enabled:
            return None
        return self._look_ms if self.asleep else max(self._look_ms, self._due_ms)
