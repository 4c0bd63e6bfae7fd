"""A scenario's world around a card: where its badge is, moves, is charged and has network."""

from __future__ import annotations

from sim.engine.streams import stream
from sim.fleet.field.battery import CHARGE_UA, MCU_UA, READING_MV_DRAW_UA
from sim.notecard.world.world import Position
from sim.scenario.plan.days import WornDay
from sim.scenario.plan.roster import Roster
from sim.world.battery import Battery, Cell
from sim.world.gnss import FIXING_MS, Gnss
from sim.world.power import DRAWS

FIX_EVERY_MS = 1000  # a receiver's beat: asked more often it answers the same
MINUTE_MS = 60_000


class ScenarioWorld:
    """What a card measures on one badge of a scenario (`sim.notecard.world.world.World`).

    The receiver, the network and the battery are the models of the simulated world; how much the
    host behind the card draws is not known to it, so a worn badge counts as one that works.
    """

    def __init__(self, roster: Roster, index: int) -> None:
        self._roster, self._site_plan = roster, roster.site_plan
        self._name = roster.device_id(index)
        self.days = roster.days(index)
        self.epoch_ms = roster.site_plan.clock.start_unix_ms
        rng = stream(roster.parameters.seed, self._name, "gnss")
        self._gnss = Gnss(rng, roster.site_plan.site.plane)
        self._gnss.power_on(0)
        self._fix: Position | None = None
        self._fix_ms = -FIX_EVERY_MS
        group = roster.group(index)
        self._cell = Cell(group.battery_mah)
        self._celsius = roster.source.scenario.temperature_c
        self._battery = self._charged(group.battery_pct)
        self._charge_ms = 0
        self._incidents = roster.incidents(index)

    # -- the card's questions ------------------------------------------------------------------

    def fix_at(self, utc_ms: int) -> Position | None:
        """See `World`: the receiver's own error, search and loss under roofs and trees."""
        ms = utc_ms - self.epoch_ms
        if ms >= self._fix_ms + FIX_EVERY_MS:
            self._fix, self._fix_ms = self._poll(ms), ms
        return self._fix

    def _poll(self, ms: int) -> Position | None:
        if self._gps_fails(ms):
            return None
        x_m, y_m = self._place(ms)
        found = self._gnss.poll(ms, x_m, y_m, self._site_plan.sky_at(x_m, y_m))
        if found is None or found.delay_ms > FIXING_MS[1]:  # it is still searching
            return None
        return Position(found.lat, found.lon, found.dop)

    def moving_at(self, utc_ms: int) -> bool:
        """See `World`."""
        ms = utc_ms - self.epoch_ms
        day = self._day(ms)
        return day is not None and ms < day.end_ms and day.journey.moving_at(ms)

    def volts_at(self, utc_ms: int) -> float:
        """See `World`: drained while it is worn, charged at the depot after a day."""
        ms = utc_ms - self.epoch_ms
        while self._charge_ms < ms:
            step_ms = min(MINUTE_MS, ms - self._charge_ms)
            self._spend(self._charge_ms, step_ms)
            self._charge_ms += step_ms
        return self._battery.voltage_mv(READING_MV_DRAW_UA, self._celsius) / 1000

    def celsius_at(self, utc_ms: int) -> float:
        """See `World`."""
        return float(self._celsius)

    def bars_at(self, utc_ms: int) -> int:
        """See `World`: the site's network, its zones and its outages."""
        ms = utc_ms - self.epoch_ms
        link = self._site_plan.coverage.link_at(ms, *self._place(ms))
        return link.bars if link.up else 0

    # -- the badge's day -------------------------------------------------------------------------

    def _day(self, ms: int) -> WornDay | None:
        begun = [day for day in self.days if day.start_ms <= ms]
        return begun[-1] if begun else None

    def _place(self, ms: int) -> tuple[float, float]:
        day = self._day(ms)
        return self._site_plan.depot if day is None else day.journey.position_at(ms)

    def _gps_fails(self, ms: int) -> bool:
        return any(
            one.at_ms <= ms < one.at_ms + (one.incident.gps_down_min or 0) * MINUTE_MS
            for one in self._incidents
        )

    def _spend(self, ms: int, for_ms: int) -> None:
        for one in self._incidents:
            if ms <= one.at_ms < ms + for_ms and one.incident.battery_pct is not None:
                self._battery = self._charged(one.incident.battery_pct)
        day = self._day(ms)
        if day is not None and ms >= day.end_ms and not day.forgets:
            left = self._battery.used_ua_ms - CHARGE_UA * for_ms
            self._battery.used_ua_ms = max(left, 0)
            return
        works = day is not None and ms < day.end_ms
        parts = (DRAWS.gps_ua + DRAWS.scan_ua) * works
        self._battery.drain(MCU_UA + DRAWS.modem_idle_ua + parts, for_ms)

    def _charged(self, percent: float) -> Battery:
        full_ua_ms = self._cell.usable_mah(self._celsius) * 1000.0 * 3_600_000.0
        return Battery(self._cell, round(full_ua_ms * (1.0 - percent / 100.0)))
