"""card.triangulate: what the card tells Notehub of towers and access points around it."""

from __future__ import annotations

from typing import Any

from sim.notecard.model.services import Services


class Triangulation:
    """Decides at the beginning of a session whether it scans."""

    def __init__(self, card: Services) -> None:
        self._card = card
        self.scanned_ms: int | None = None
        self.scanned_s = 0

    @property
    def kept(self) -> dict[str, Any]:
        """The settings of card.triangulate."""
        return self._card.state.family("triangulate")

    def scan(self, moved_since: bool) -> bool:
        """Whether this session carries a scan; `moved_since` says if there was movement."""
        kept, now_ms = self.kept, self._card.clock.now_ms
        modes = [word for word in str(kept.get("mode", "")).split(",") if word]
        if "wifi" in modes and not kept.get("text"):
            modes.remove("wifi")  # the host has to say what it hears
        if not modes or (kept.get("usb") and not self._card.on_usb):
            return False
        if self.scanned_ms is not None:
            if now_ms - self.scanned_ms < 60_000 * int(kept.get("minutes", 0)):
                return False
            if not moved_since and not kept.get("on"):
                return False
        self.scanned_ms = now_ms
        self.scanned_s = int(kept.get("time", 0)) or self._card.clock.utc_s
        return True

    @property
    def points(self) -> int:
        """How many towers and access points the scan has."""
        text = str(self.kept.get("text", ""))
        return 1 + sum(1 for line in text.splitlines() if line.strip())
