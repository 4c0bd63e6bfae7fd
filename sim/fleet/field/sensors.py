"""What a badge's sensors are told: where it is, the sky above, the tags around."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from badge.inputs import GpsFix
from sim.engine.streams import stream
from sim.scenario.plan.captures import Replayed
from sim.scenario.plan.days import Wear
from sim.scenario.plan.site import Machine, Point, Terrain
from sim.world.gnss import Gnss
from sim.world.place import Spot
from sim.world.radio import UNHEARD_DBM, Radio, Wearer

BLOCK_CYCLES = 120  # ten minutes of air cost little more than one cycle
Heard = tuple[tuple[str, int], ...]


class FieldSurroundings:
    """The world around one badge; `gps_down_ms` and `scanner_down_ms` say until when each fails.

    `found` is told of every fix, and in how many ms it will be there.
    """

    __slots__ = (
        "_captures",
        "_cycles",
        "_cycles_of",
        "_gnss",
        "_name",
        "_radio",
        "_terrain",
        "_timeout_ms",
        "_wears",
        "found",
        "gps_down_ms",
        "scanner_down_ms",
    )

    def __init__(
        self,
        terrain: Terrain,
        radio: Radio,
        name: str,
        wears: Sequence[Wear],
        timeout_ms: int,
        captures: Sequence[Replayed] = (),
    ) -> None:
        self._terrain, self._radio, self._name = terrain, radio, name
        self._wears = wears
        self._timeout_ms, self._captures = timeout_ms, captures
        self._gnss: Gnss | None = None
        self._cycles: dict[int, Heard] = {}
        self._cycles_of: Wear | None = None
        self.gps_down_ms = 0
        self.scanner_down_ms = 0
        self.found: Callable[[int], None] = lambda delay_ms: None

    def wear_at(self, ms: int) -> Wear | None:
        """Give the latest day that has begun; its journey rests at the end where it was left."""
        found = None
        for wear in self._wears:
            if wear.start_ms > ms:
                break
            found = wear
        return found

    def worn_at(self, ms: int) -> bool:
        """Say whether somebody wears it."""
        wear = self.wear_at(ms)
        return wear is not None and ms < wear.end_ms

    def position_at(self, ms: int) -> Point:
        """Give where the badge is in metres."""
        wear = self.wear_at(ms)
        return self._terrain.depot if wear is None else wear.journey.position_at(ms)

    def power_gps(self, ms: int, on: bool) -> None:
        """Switch the receiver; it is made at its first use."""
        if self._gnss is None:
            rng = stream(self._terrain.asked.seed, self._name, "gnss")
            self._gnss = Gnss(rng, self._terrain.site.plane)
        if on:
            self._gnss.power_on(ms)
        else:
            self._gnss.power_off(ms)

    def fix(self, now_ms: int) -> tuple[int, GpsFix] | None:
        """Poll the receiver; an answer that comes after the badge's time-out is none."""
        if now_ms < self.gps_down_ms or self._gnss is None:
            return None
        x_m, y_m = self.position_at(now_ms)
        found = self._gnss.poll(now_ms, x_m, y_m, self._terrain.sky_at(x_m, y_m))
        if found is None or found.delay_ms > self._timeout_ms:
            return None
        self.found(found.delay_ms)  # a fix brings the time of day with it
        return found.delay_ms, GpsFix(found.lat, found.lon, hdop=found.dop)

    def heard(self, start_ms: int, end_ms: int) -> Heard | None:
        """Give the strongest sample of every tag in the cycle; None while the scanner is down."""
        if start_ms < self.scanner_down_ms:
            return None
        if self._cycles_of is not self.wear_at(start_ms):
            self._cycles.clear()
        if start_ms not in self._cycles:
            self._listen(start_ms, end_ms - start_ms)
        return self._cycles.pop(start_ms)

    def _listen(self, start_ms: int, period_ms: int) -> None:
        """Ask the air for a block of cycles: it has no memory, so the block's length is free."""
        self._cycles_of = wear = self.wear_at(start_ms)
        mover = Spot(*self._terrain.depot) if wear is None else wear.journey
        badge = Wearer(self._name, mover, None if wear is None else wear.journey)
        columns = [
            (machine.tag.mac, self._strongest(start_ms, period_ms, machine, badge))
            for machine in self._terrain.machines.values()
        ]
        for capture in self._captures:
            columns += capture.columns(start_ms, period_ms, BLOCK_CYCLES).items()
        columns = [(mac, column) for mac, column in columns if max(column) > UNHEARD_DBM]
        self._cycles = {
            start_ms + number * period_ms: tuple(
                (mac, column[number]) for mac, column in columns if column[number] > UNHEARD_DBM
            )
            for number in range(BLOCK_CYCLES)
        }

    def _strongest(self, ms: int, period_ms: int, machine: Machine, badge: Wearer) -> list[int]:
        best: list[int] = self._radio.strongest(
            ms, BLOCK_CYCLES, machine.tag, machine.mover, badge, period_ms
        ).tolist()
        return best
