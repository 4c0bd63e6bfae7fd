"""One badge of a scenario whose law is the badge in C: what happens between is not Python's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from badge.contract.events import RebootReason
from badge.effects import Draw, PowerGps, PowerOff, PowerScanner, Screen, Upload
from badge.host.c_pump import DRAW, POWER_GPS, POWER_OFF, POWER_SCANNER, CPump, WholeFix
from badge.host.core.whole import UNKNOWN, heard_bytes
from badge.inputs import Input
from badge.ports import Observer
from sim.compiled.radio import KnownTag
from sim.fleet.field.life import RESTING_BEAT_MS, WORN_BEAT_MS, FieldLife
from sim.scenario.plan.days import WornDay
from sim.scenario.plan.roster import PlannedIncident
from sim.world.movement import Journey
from sim.world.place import Box, Spot, gap_m
from sim.world.power import REDRAW_UA_MS
from sim.world.radio import UNHEARD_DBM

_NEVER_MS = 1 << 60
HOUR_MS = 3_600_000
BLOCK_CYCLES = 360  # half an hour of air
FIRST_CYCLES = 36  # until a badge has heard its tags, each sample of them counts
_HEARD = np.dtype([("mac", "V6"), ("rssi_dbm", "i1")])
_AT_HAND = True, 0  # nobody tracks it yet: each sample of it counts
_DRAW = Draw(Screen("OFF", ""))
_GPS = {True: PowerGps(True), False: PowerGps(False)}
_SCANNER = {True: PowerScanner(True), False: PowerScanner(False)}


def _box_over(mover: Journey | Spot, start_ms: int, until_ms: int) -> Box:
    """Give a box that a piece does not leave: that of whole hours, as all badges ask for them."""
    if isinstance(mover, Spot):
        return mover.box_over(start_ms, until_ms)
    return _box_of_hours(mover, start_ms // HOUR_MS, -(-until_ms // HOUR_MS))


@lru_cache(maxsize=1024)
def _box_of_hours(journey: Journey, first: int, after: int) -> Box:
    return journey.box_over(first * HOUR_MS, after * HOUR_MS)


class _CoreStore:
    """The store inside a badge in C."""

    __slots__ = ("_pump",)

    def __init__(self, pump: CPump) -> None:
        self._pump = pump

    @property
    def boot_age_ms(self) -> int:
        """The lifetime clock at the last boot."""
        return self._pump.boot_age_ms

    def arrive(self, first: int, last: int, rejected: Mapping[int, str]) -> None:
        """The cloud has accepted a batch, the rejected ones excepted."""
        self._pump.arrive(first, last, tuple(rejected))

    def finish(self, why: str) -> None:
        """The run is over: close what is open."""
        self._pump.finish(why)


class ColumnarBadge(FieldLife):
    """A badge from its first boot on; it is the ports of its own pump."""

    __slots__ = (
        "_known",
        "_reached",
        "_spare_from_ms",
        "_spare_ua_ms",
        "clock",
        "observers",
        "pump",
        "store",
    )

    def _furnish(self) -> None:
        known = set(self.config.known_equipment_tags)
        self._known = [
            KnownTag(piece.tag, piece.mover, heard_bytes([(piece.tag.mac, 0)])[:6], piece.silent)
            for piece in self._site_plan.equipment.values()
            if piece.tag.mac in known
        ]
        self._spare_ua_ms, self._spare_from_ms = 0.0, 0
        self._reached: tuple[int, list[KnownTag]] = (-1, [])
        self.clock = self.pump = CPump(self.config, self.firmware, self)
        self.store = _CoreStore(self.pump)
        self.observers: tuple[Observer, ...] = ()

    def run_until(self, ms: int) -> None:
        """Do all that is due up to a time, or stop where an answer is waited for or it breaks."""
        if not self._waits():
            self.pump.run_until(min(ms, self.worn.life.ends_ms - 1), self._waits)

    def _waits(self) -> bool:
        return self.uplink.waiting is not None

    def close(self) -> None:
        """Give back its memory now: a million badges do not wait for the collector."""
        super().close()
        self.pump.close()

    def _renew_device(self) -> None:
        self.pump.restart()
        self.uplink.give_after = self.pump.give_after

    def _give(self, what: Input) -> None:
        for observer in self.observers:
            observer.happened(self.pump.now_ms, what)
        self.pump.give(what)

    @property
    def _shift_open(self) -> bool:
        return self.pump.is_active

    def observe(self, *observers: Observer) -> None:
        """Let others see what it is given: of fixes, scans, movements and events C tells nobody."""
        self.observers = observers

    @property
    def runs(self) -> str:
        """The firmware that runs."""
        return self.pump.badge.firmware_version

    @property
    def running_version(self) -> str:
        """The firmware that flash knows to run."""
        return self.pump.running_version

    @property
    def next_sequence(self) -> int:
        """The number of the next event."""
        return self.pump.next_sequence

    def _feel(self, day: WornDay) -> None:
        times, moving = day.journey.moved()
        self.pump.move(times, moving.tobytes())

    # Its beat, which mostly finds that nothing has changed.

    def _beat(self) -> None:
        super()._beat()
        every_ms = WORN_BEAT_MS if self._restless else RESTING_BEAT_MS
        self.pump.rest(self._quiet_until_ms(), every_ms)

    def _quiet_until_ms(self) -> int:
        """Give until when a beat sees what this one has seen, whatever the badge does."""
        now_ms, power = self.pump.now_ms, self.power
        if power.off or not self._linked or not self._utc_known:
            return 0
        if self._shift_open and not self.worn.worn_at(now_ms):
            return 0  # where it is charged, it is as soon as its shift is over
        self._spare_ua_ms, self._spare_from_ms = power.spare_ua_ms(), now_ms
        return min(self.worn.calm_until(now_ms), self._spent_ms())

    def _spent_ms(self) -> int:
        """Give when the charge has gone that may go unseen, if all parts stay on from the beat."""
        if self.power.charging:  # more than all parts draw
            return _NEVER_MS
        return self._spare_from_ms + int(self._spare_ua_ms / self.power.most_ua)

    def _draw_at_once(self, ua_ms: int) -> None:
        """A charge is drawn that no beat has reckoned with."""
        self._spare_ua_ms -= ua_ms
        if self._spare_ua_ms < 0:
            self.pump.wake()
        else:
            self.pump.rest_less(self._spent_ms())

    def _modem_on(self, for_ms: int) -> int:
        if self.power.charging:  # a beat would have seen it full before this
            self.power.settle_at(self.pump.rested_ms)
        ua_ms = super()._modem_on(for_ms)
        self._draw_at_once(ua_ms)
        return ua_ms

    def _boot(self, reason: RebootReason) -> None:
        self.pump.wake()
        super()._boot(reason)

    def _put_on(self, day: WornDay) -> None:
        self.pump.wake()
        super()._put_on(day)

    def _assign(self, day: WornDay) -> None:
        self.pump.wake()
        super()._assign(day)

    def _befall(self, planned: PlannedIncident) -> None:
        self.pump.wake()
        super()._befall(planned)

    def _note_utc(self, *, known: bool) -> None:
        super()._note_utc(known=known)
        self._see_fixes()

    def _see_fixes(self) -> None:
        """Let Python see each fix for as long as the badge may learn the time from it."""
        receiver = self._sensors.receiver
        if receiver is not None:
            receiver.struct.ask = not self._utc_known

    # What the badge in C asks.

    def poll(self, now_ms: int) -> tuple[int, WholeFix] | None:
        """Poll the receiver; its degrees have six digits, its DOP one."""
        found = self._found(now_ms)
        if found is None:
            return None
        lat, lon = round(found.lat * 1e6), round(found.lon * 1e6)
        return found.delay_ms, (lat, lon, UNKNOWN, round(found.dop * 1e3), UNKNOWN, UNKNOWN, 0)

    def upload(self, what: Upload) -> None:
        """Send a batch."""
        self.uplink.send(what, self.pump.give)

    def effect(self, kind: int, value: bool) -> None:
        """Switch a part."""
        if kind == DRAW:
            self.power.spend(_DRAW)
            self._draw_at_once(REDRAW_UA_MS)
        elif kind == POWER_GPS:
            self.power.spend(_GPS[bool(value)])
            receiver = self._sensors.receiver
            if receiver is not None and not self.pump.has_finder:
                self.pump.find_with(receiver.found, receiver.address)
                self._see_fixes()
        elif kind == POWER_SCANNER:
            self.power.spend(_SCANNER[bool(value)])
        else:
            self.pump.wake()
            if kind == POWER_OFF:
                self.power.spend(PowerOff())
            else:
                self.power.restart()

    def listen(self, start_ms: int, period_ms: int) -> None:
        """Ask the air for a block of cycles."""
        tracked, worn = self.pump.tracked(), self.worn
        later = [day.start_ms for day in worn.days if day.start_ms > start_ms]
        until_ms = min(later, default=_NEVER_MS)
        ends_ms = min(until_ms, self._roster.parameters.end_ms + 1)
        day = worn.day_at(start_ms)
        if day is not None and start_ms < day.end_ms:  # then the shift is over, too
            ends_ms = min(ends_ms, day.end_ms + period_ms)
        most = BLOCK_CYCLES if tracked else FIRST_CYCLES
        cycles = max(min((ends_ms - start_ms - 1) // period_ms + 1, most), 1)
        down = bytes(cycles)
        if worn.scanner_down:
            down = bytes(worn.scanner_down_at(start_ms + n * period_ms) for n in range(cycles))
        heard, ends = self._heard(start_ms, period_ms, down, tracked)
        self.pump.hear(start_ms, until_ms, period_ms, heard, ends, down)

    def _heard(
        self, start_ms: int, period_ms: int, down: bytes, tracked: dict[bytes, tuple[bool, int]]
    ) -> tuple[bytes, NDArray[np.uint32]]:
        """Give what the cycles hear of the tags that the badge knows, as `CPump.hear` takes it.

        A level below the threshold is told when a tag has been near, and it decides which tag was
        heard first.  Of one that is tracked and away it is a miss, and may be left out.
        """
        cycles, sensors, known = len(down), self._sensors, self._in_reach(start_ms)
        if all(down):
            return b"", np.zeros(cycles + 1, np.uint32)
        captured = sensors.captured(start_ms, period_ms, cycles)
        if not captured:
            near = [tracked.get(one.mac, _AT_HAND) for one in known]
            found = sensors.heard_of(start_ms, period_ms, down, known, near, self.config)
            if found is not None:
                return found
        columns = [
            (one.mac, sensors.strongest(start_ms, period_ms, one, cycles=cycles)) for one in known
        ]
        for name, column in captured:
            mac = heard_bytes([(name, 0)])[:6]
            if mac:
                columns.append((mac, np.clip(np.array(column), -128, 127).astype(np.int16)))
        levels = np.array([column for _, column in columns]).reshape(-1, cycles).T
        told = levels > UNHEARD_DBM
        cycle, tag = told.nonzero()
        heard = np.empty(len(cycle), _HEARD)
        heard["mac"] = np.frombuffer(b"".join([mac for mac, _ in columns]), "V6")[tag]
        heard["rssi_dbm"] = levels[told]
        ends = cycle.searchsorted(np.arange(cycles + 1)).astype(np.uint32)
        return heard.tobytes(), ends

    def _in_reach(self, start_ms: int) -> list[KnownTag]:
        """Give the tags that it may hear up to its next day, wherever both go."""
        until_ms, known = self._reached
        if start_ms < until_ms:
            return known
        end_ms, reach_m = self._roster.parameters.end_ms, self._site_plan.environment.reach_m
        later = [day.start_ms for day in self.worn.days if day.start_ms > start_ms]
        until_ms, mover = min(later, default=end_ms + 1), self.worn.wearer_at(start_ms).mover
        box = mover.box_over(start_ms, until_ms)
        known = [
            one
            for one in self._known
            if not isinstance(one.mover, Journey | Spot)
            or gap_m(box, _box_over(one.mover, start_ms, until_ms)) <= reach_m
        ]
        self._reached = until_ms, known
        return known
