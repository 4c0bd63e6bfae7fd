"""One badge of a scenario whose law is the badge in C: what happens between is not Python's."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from badge.effects import Draw, PowerGps, PowerOff, PowerScanner, Screen, Upload
from badge.host.c_pump import DRAW, POWER_GPS, POWER_OFF, POWER_SCANNER, CPump
from badge.host.core.whole import heard_bytes
from badge.inputs import GpsFix, Input
from sim.fleet.field.life import FieldLife
from sim.fleet.field.sensors import BLOCK_CYCLES
from sim.scenario.plan.days import WornDay
from sim.world.radio import UNHEARD_DBM

_NEVER_MS = 1 << 60
_DRAW = Draw(Screen("OFF", ""))
_GPS = {True: PowerGps(True), False: PowerGps(False)}
_SCANNER = {True: PowerScanner(True), False: PowerScanner(False)}


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

    __slots__ = ("clock", "pump", "store")

    def _furnish(self) -> None:
        self.clock = self.pump = CPump(self.config, self.firmware, self)
        self.store = _CoreStore(self.pump)

    def run_until(self, ms: int) -> None:
        """Do all that is due up to a time, or until it breaks."""
        self.pump.run_until(min(ms, self.worn.life.ends_ms - 1))

    def _renew_device(self) -> None:
        self.pump.restart()

    def _give(self, what: Input) -> None:
        self.pump.give(what)

    @property
    def _shift_open(self) -> bool:
        return self.pump.is_active

    @property
    def _runs(self) -> str:
        return self.pump.badge.firmware_version

    def _feel(self, day: WornDay) -> None:
        self.pump.move(day.journey.changes())

    # What the badge in C asks.

    def poll(self, now_ms: int) -> tuple[int, GpsFix] | None:
        """Poll the receiver."""
        return self.fix(now_ms)

    def upload(self, what: Upload) -> None:
        """Send a batch."""
        self.uplink.send(what, self.pump.give)

    def effect(self, kind: int, value: bool) -> None:
        """Switch a part."""
        if kind == DRAW:
            self.power.spend(_DRAW)
        elif kind == POWER_GPS:
            self.power.spend(_GPS[bool(value)])
        elif kind == POWER_SCANNER:
            self.power.spend(_SCANNER[bool(value)])
        elif kind == POWER_OFF:
            self.power.spend(PowerOff())
        else:
            self.power.restart()

    def listen(self, start_ms: int, period_ms: int) -> None:
        """Ask the air for a block of cycles."""
        later = [day.start_ms for day in self.worn.days if day.start_ms > start_ms]
        until_ms = min(later, default=_NEVER_MS)
        starts = range(start_ms, start_ms + BLOCK_CYCLES * period_ms, period_ms)
        down = bytes(self.worn.scanner_down_at(ms) for ms in starts)
        columns = [] if all(down) else self._sensors.columns(start_ms, period_ms)
        macs = [heard_bytes([(mac, 0)])[:6] for mac, _ in columns]
        known = [number for number, mac in enumerate(macs) if mac]
        levels = np.array([columns[n][1] for n in known], dtype=np.int16).reshape(-1, BLOCK_CYCLES)
        cycle, tag = np.nonzero(levels.T > UNHEARD_DBM)
        heard = np.empty((len(cycle), 7), np.uint8)
        if len(cycle):
            heard[:, :6] = np.array([list(macs[n]) for n in known], np.uint8)[tag]
            heard[:, 6] = np.clip(levels.T[cycle, tag], -128, 127).astype(np.int8).view(np.uint8)
        ends = np.searchsorted(cycle, np.arange(BLOCK_CYCLES + 1)).astype(np.uint32)
        self.pump.hear(start_ms, until_ms, period_ms, heard.tobytes(), ends, down)
