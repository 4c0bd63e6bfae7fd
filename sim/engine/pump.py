"""One badge pumped in simulated time: effects are performed, answers come back as inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from badge.badge import Badge
from badge.effects import (
    Effect,
    Erase,
    Logged,
    Notice,
    PollGps,
    Program,
    Reboot,
    StartScan,
    Upload,
)
from badge.inputs import Boot, FlashFault, Input, ScanResult, Tick
from badge.ports import Flash, Observer
from sim.engine.clock import Clock
from sim.engine.ports import PowerLostError, Sensors, Supply, Uplink

REBOOT_MS = 3_000
_TICK = Tick()


class Pump:
    """A badge, its clock and its ports (`hil.app.pump` does the same on real wires).

    With a `supply` it ends, `off`, at a loss of power; without one it runs for ever.
    """

    def __init__(
        self,
        badge: Badge,
        clock: Clock,
        sensors: Sensors,
        uplink: Uplink,
        flash: Flash | None = None,
        observers: Iterable[Observer] = (),
        supply: Supply | None = None,
    ) -> None:
        self.badge = badge
        self.clock = clock
        self._sensors = sensors
        self._uplink = uplink
        self._flash = flash
        self._observers = tuple(observers)
        self._supply = supply
        self._armed_ms: int | None = None
        self.off = False

    def receive(self, what: Input) -> None:
        """Give the badge an input now, and perform what it wants; nothing once it is off."""
        if self.off:
            return
        try:
            self._give(what)
        except PowerLostError:
            self.off = True
            if self._supply is None:
                raise
            self._supply.fell()

    def _give(self, what: Input) -> None:
        now_ms = self.clock.now_ms
        if what is not _TICK:  # the pump's own ticks follow from the deadlines
            for observer in self._observers:
                observer.happened(now_ms, what)
        self._perform(self.badge.receive(what, now_ms))
        self._arm()

    def _arm(self) -> None:
        due_ms = self.badge.next_deadline_ms
        if due_ms is not None and (self._armed_ms is None or due_ms < self._armed_ms):
            self._armed_ms = due_ms
            self.clock.at(due_ms, self._tick)

    def _tick(self) -> None:
        if self._armed_ms == self.clock.now_ms:
            self._armed_ms = None
            self.receive(_TICK)

    def _perform(self, effects: Sequence[Effect]) -> None:
        spend = None if self._supply is None else self._supply.spend
        for effect in effects:
            if spend is not None:
                spend(effect)
            if (perform := _PERFORM.get(type(effect))) is not None:
                perform(self, effect)

    def _write(self, effect: Program | Erase) -> None:
        """Perform a flash effect; what does not read back is mended before anything else."""
        if self._flash is not None and not self._flash.perform(effect):
            self._give(FlashFault(effect.address))

    def _logged(self, effect: Logged) -> None:
        for observer in self._observers:
            observer.logged(self.clock.now_ms, effect.entry)

    def _noticed(self, effect: Notice) -> None:
        for observer in self._observers:
            observer.noticed(self.clock.now_ms, effect)

    def _poll_gps(self, effect: PollGps) -> None:
        answer = self._sensors.fix(self.clock.now_ms)
        if answer is not None:
            delay_ms, fix = answer
            self.clock.after(delay_ms, lambda: self.receive(fix))

    def _scan(self, effect: StartScan) -> None:
        start_ms = self.clock.now_ms
        self.clock.after(effect.duration_ms, lambda: self._report_scan(start_ms))

    def _report_scan(self, start_ms: int) -> None:
        heard = self._sensors.heard(start_ms, self.clock.now_ms)
        if heard is not None:
            self.receive(ScanResult(heard))

    def _upload(self, effect: Upload) -> None:
        self._uplink.send(effect, self.receive)

    def _reboot(self, effect: Reboot) -> None:
        if self._supply is not None:
            self._supply.restart()
            return
        self.clock.after(REBOOT_MS, lambda: self.receive(Boot("firmware_update")))


_PERFORM: dict[type, Callable[..., None]] = {
    Program: Pump._write,
    Erase: Pump._write,
    Logged: Pump._logged,
    Notice: Pump._noticed,
    PollGps: Pump._poll_gps,
    StartScan: Pump._scan,
    Upload: Pump._upload,
    Reboot: Pump._reboot,
}
