"""A scenario's world around a card: where its badge is, moves, is charged and has network."""

from __future__ import annotations

from sim.engine.draws import draws
from sim.notecard.world.world import Position
from sim.scenario.plan.certificates import at_start
from sim.scenario.plan.roster import Roster
from sim.scenario.plan.worn_badge import WornBadge
from sim.world.battery import charged
from sim.world.gnss import FIXING_MS, Gnss
from sim.world.power import CHARGER_UA, MCU_UA, READING_UA

FIX_EVERY_MS = 1000  # a receiver's beat: asked more often it answers the same
MINUTE_MS = 60_000


class ScenarioWorld:
    """What a card measures on one badge of a scenario (`sim.notecard.world.world.World`).

    The receiver, the network and the battery are the models of the simulated world, with what of
    them is broken on this badge.  How much the host behind the card draws is not known to it, so
    a worn badge counts as one that works.
    """

    def __init__(self, roster: Roster, index: int) -> None:
        site = roster.site_plan
        self._worn = WornBadge(roster, index)
        self.days = self._worn.days
        self.epoch_ms = site.clock.start_unix_ms
        numbers = draws(roster.parameters.seed, self._worn.device_id, "gnss")
        self._gnss = Gnss(numbers, site.site.plane)
        self._gnss.power_on(0)
        self._fix: Position | None = None
        self._fix_ms = -FIX_EVERY_MS
        self._celsius = roster.source.scenario.temperature_c
        self._battery = charged(at_start(roster, index).battery_pct, self._worn.cell, self._celsius)
        self._draws = site.draws
        self._charge_ms = 0

    def fix_at(self, utc_ms: int) -> Position | None:
        """See `World`: the receiver's own error, search and loss under roofs and trees."""
        ms = utc_ms - self.epoch_ms
        if ms >= self._fix_ms + FIX_EVERY_MS:
            self._fix, self._fix_ms = self._poll(ms), ms
        return self._fix

    def _poll(self, ms: int) -> Position | None:
        if self._worn.gps_down_at(ms):
            return None
        found = self._gnss.poll(ms, *self._worn.position_at(ms), self._worn.sky_at(ms))
        if found is None or found.delay_ms > FIXING_MS[1]:  # it is still searching
            return None
        return Position(found.lat, found.lon, found.dop)

    def moving_at(self, utc_ms: int) -> bool:
        """See `World`."""
        return self._worn.moving_at(utc_ms - self.epoch_ms)

    def volts_at(self, utc_ms: int) -> float:
        """See `World`: drained while it is worn, charged where there is a charger."""
        ms = utc_ms - self.epoch_ms
        while self._charge_ms < ms:
            step_ms = min(MINUTE_MS, ms - self._charge_ms)
            self._spend(self._charge_ms, step_ms)
            self._charge_ms += step_ms
        return self._battery.voltage_mv(READING_UA, self._celsius) / 1000

    def celsius_at(self, utc_ms: int) -> float:
        """See `World`."""
        return float(self._celsius)

    def bars_at(self, utc_ms: int) -> int:
        """See `World`: the site's network, its zones and its outages."""
        link = self._worn.link_at(utc_ms - self.epoch_ms)
        return link.bars if link.up else 0

    def _spend(self, ms: int, for_ms: int) -> None:
        for one in self._worn.incidents:
            if ms <= one.at_ms < ms + for_ms and one.incident.battery_pct is not None:
                percent = one.incident.battery_pct
                self._battery = charged(percent, self._worn.cell, self._celsius)
        if self._worn.day_at(ms) is not None and self._worn.on_charger_at(ms):
            left = self._battery.used_ua_ms - CHARGER_UA * for_ms
            self._battery.used_ua_ms = max(left, 0)
            return
        parts = (self._draws.gps_ua + self._draws.scan_ua) * self._worn.worn_at(ms)
        self._battery.drain(MCU_UA + self._draws.modem_idle_ua + parts, for_ms)
