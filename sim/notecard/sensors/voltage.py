"""The supply: its voltage, the level that this is called, and what follows from a change."""

from __future__ import annotations

from sim.notecard.codec.levels import level_of, thresholds
from sim.notecard.model.services import Services
from sim.notecard.world.attached import USB_V

CALIBRATION_V = 0.35  # the diode of Blues' own carriers
AVERAGED_MIN = 15
WATCH_MS = 1000
HEALTH_FILE = "_health.qo"
_HOUR_MS = 3_600_000


class PowerSupply:
    """Looks at the voltage, once a second while something waits for USB to come or go."""

    def __init__(self, card: Services) -> None:
        self._card = card
        self._next_ms = card.clock.now_ms
        self._was_usb = self.on_usb
        self.usb_left_ms: int | None = None  # when USB power was last there
        self._since_ms = card.clock.now_ms

    @property
    def mode(self) -> str:
        """The thresholds in force."""
        return thresholds(str(self._card.state.family("voltage").get("mode", "default")))

    def volts_at(self, back_ms: int = 0) -> float:
        """The corrected voltage so long ago."""
        kept = self._card.state.family("voltage")
        world = self._card.world.volts_at(self._card.clock.utc_ms - back_ms)
        return world + float(kept.get("calibration", CALIBRATION_V)) - CALIBRATION_V

    @property
    def on_usb(self) -> bool:
        """Whether USB powers the card."""
        return self.volts_at() >= USB_V

    @property
    def level(self) -> str:
        """The level now."""
        return level_of(self.volts_at(), self.mode)

    def average(self) -> float:
        """Over the last minutes, as far as the card has been on."""
        on_min = (self._card.clock.now_ms - self._since_ms) // 60_000
        readings = [self.volts_at(60_000 * n) for n in range(min(AVERAGED_MIN, on_min) + 1)]
        return sum(readings) / len(readings)

    def past(self, hours: int, offset: int) -> list[float]:
        """One reading an hour, newest first, `offset` hours back and as far as the card was on."""
        on_h = (self._card.clock.now_ms - self._since_ms) // _HOUR_MS
        last = min(offset + hours, on_h)
        return [self.volts_at(_HOUR_MS * n) for n in range(min(offset, last), last + 1)]

    @property
    def watching(self) -> bool:
        """Whether anything follows from a change of power."""
        kept, hub = self._card.state.family("voltage"), self._card.state.family("hub")
        by_power = any(hub.get(name) for name in ("uoff", "umin", "uperiodic"))
        return bool(kept.get("usb")) or by_power

    def advance(self) -> None:
        """Notice USB power that has come or gone."""
        self._next_ms = self._card.clock.now_ms + WATCH_MS
        on_usb = self.on_usb
        if on_usb or self._was_usb:
            self.usb_left_ms = self._card.clock.now_ms
        if on_usb is not self._was_usb:
            self._was_usb = on_usb
            self._changed(on_usb)

    def _changed(self, on_usb: bool) -> None:
        kept = self._card.state.family("voltage")
        words = "connected" if on_usb else "disconnected"
        self._card.watch("link", f"USB power {words}")
        self._card.fire("usb")
        if not kept.get("usb"):
            return
        if kept.get("alert"):
            text = f"USB power {words} {{usb-{'enabled' if on_usb else 'disabled'}}}"
            self._card.log_note(HEALTH_FILE, {"text": text, "alert": True})
        if kept.get("sync"):
            self._card.sync_now()

    def deadline_ms(self) -> int:
        """When to look again."""
        return self._next_ms
