"""What a Mojo measures: the charge that the card has drawn, also as notes at an interval."""

from __future__ import annotations

from sim.notecard.model.services import Services

LOG_FILE = "_log.qo"
LOG_MIN = 720
IDLE_MA, MODEM_MA, GNSS_MA = 0.008, 250.0, 35.0  # the orders of magnitude of a data sheet
_HOUR_MS = 3_600_000


class Power:
    """Adds up milliampere hours from what is switched on."""

    def __init__(self, card: Services) -> None:
        self._card = card
        self.milliamp_hours = 0.0
        self._seen_ms = card.clock.now_ms
        self._next_ms = card.clock.now_ms + self._interval_ms

    @property
    def _interval_ms(self) -> int:
        kept = self._card.state.family("power")
        minutes = int(kept.get("minutes", 0)) + 60 * int(kept.get("hours", 0))
        return 60_000 * (minutes if minutes > 0 else LOG_MIN)

    def settle(self) -> None:
        """Count what was drawn since the last time; call it before something is switched."""
        now_ms = self._card.clock.now_ms
        drawn_ma = IDLE_MA + MODEM_MA * self._card.modem_on
        drawn_ma += GNSS_MA * (self._card.gps_mode == "continuous")
        self.milliamp_hours += drawn_ma * (now_ms - self._seen_ms) / _HOUR_MS
        self._seen_ms = now_ms

    def restart(self) -> None:
        """Begin the interval of notes anew."""
        self._next_ms = self._card.clock.now_ms + self._interval_ms

    def readings(self) -> dict[str, float]:
        """As card.power shows them."""
        self.settle()
        card = self._card
        return {
            "temperature": card.world.celsius_at(card.clock.utc_ms),
            "voltage": round(card.volts, 4),
            "milliamp_hours": self.milliamp_hours,
        }

    def advance(self) -> None:
        """Write the note that is due."""
        self.restart()
        self._card.log_note(LOG_FILE, dict(self.readings()))

    def deadline_ms(self) -> int | None:
        """When the next note is due; without a Mojo never."""
        return self._next_ms if self._card.attached.mojo else None
