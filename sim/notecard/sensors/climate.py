"""Temperature and what hangs on the card's own I2C bus, also as notes at an interval."""

from __future__ import annotations

from typing import Any

from sim.notecard.codec.levels import by_level
from sim.notecard.model.services import Services

TEMP_FILE = "_temp.qo"
CALIBRATION_C = -3.0  # of the published sample


def i2c_sensors(card: Services) -> dict[str, float]:
    """What a BME280 says, if there is one and the card may be master of its bus."""
    attached = card.attached
    if attached.humidity_pct is None or card.state.family("io").get("off"):
        return {}
    return {
        "temperature": attached.sensor_celsius,
        "humidity": attached.humidity_pct,
        "pressure": attached.pressure_pa,
    }


class Climate:
    """Writes ``_temp.qo`` notes while card.temp asks for them."""

    def __init__(self, card: Services) -> None:
        self._card = card
        self._next_ms: int | None = None
        self.restart()

    @property
    def _minutes(self) -> int:
        kept = self._card.state.family("temp")
        variable = kept.get("status")
        listed = by_level(variable, self._card.level) if variable else None
        return int(kept.get("minutes", 0)) if listed is None else listed

    def restart(self) -> None:
        """Begin the interval anew, as card.temp or a boot does."""
        minutes = self._minutes
        self._next_ms = self._card.clock.now_ms + 60_000 * minutes if minutes > 0 else None

    def readings(self) -> dict[str, Any]:
        """What card.temp shows and a note carries."""
        card = self._card
        value = round(card.world.celsius_at(card.clock.utc_ms), 3)
        return {"value": value, "calibration": CALIBRATION_C} | i2c_sensors(card)

    def advance(self) -> None:
        """Write the note that is due."""
        card = self._card
        body = self.readings() | {"voltage": round(card.volts, 3)}
        card.log_note(TEMP_FILE, body)
        if card.state.family("temp").get("sync"):
            card.sync_now()
        self.restart()

    def deadline_ms(self) -> int | None:
        """When the next note is due."""
        return self._next_ms
