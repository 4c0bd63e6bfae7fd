"""One badge pumped in real time: the twin of `sim/engine/pump.py`, on real wires."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Literal

from badge.badge import Badge
from badge.effects import (
    Draw,
    Effect,
    Erase,
    Logged,
    Notice,
    PollGps,
    PowerGps,
    PowerOff,
    PowerScanner,
    Program,
    Reboot,
    Screen,
    StartScan,
    Upload,
)
from badge.errors import InputError
from badge.inputs import Boot, FlashFault, Input, ScanResult, Tick
from badge.ports import Observer
from hil.clock import Clock, SystemClock
from hil.ports import Sensors, SyncedFlash, TagScanner, Uplink

REBOOT_S = 3.0  # what a restart of the firmware takes
_TICK = Tick()


class AsyncPump:
    """A badge between its ports.  `run` boots it and returns when it is off or was stopped.

    What the badge decides is durable before anything of it leaves: the flash is synced before
    observers hear of an event and before a batch is sent.
    """

    def __init__(
        self,
        badge: Badge,
        *,
        sensors: Sensors,
        scanner: TagScanner,
        uplink: Uplink,
        flash: SyncedFlash | None = None,
        observers: Iterable[Observer] = (),
        clock: Clock | None = None,
    ) -> None:
        self.badge = badge
        self.screen: Screen | None = None
        self.uploading = False
        self._sensors, self._scanner = sensors, scanner
        self._uplink, self._flash = uplink, flash
        self._observers = tuple(observers)
        self._clock = clock or SystemClock()
        self._start_ns = self._clock.monotonic_ns()
        self._ms = 0  # of the input or deadline whose effects are performed now
        self._unsynced = False
        self._failure: InputError | None = None
        self._ended = asyncio.Event()
        self._rearmed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._group: asyncio.TaskGroup | None = None
        self._gps_power = asyncio.Lock()

    @property
    def now_ms(self) -> int:
        """Milliseconds since the start."""
        return (self._clock.monotonic_ns() - self._start_ns) // 1_000_000

    async def run(self, boot: Boot | None = None) -> None:
        """Boot and live; cancelled from outside it ends like a loss of power."""
        try:
            await self._live(boot or Boot())
        finally:
            self._group = None
            self._ended.set()
            await self._scanner.power(False)

    async def _live(self, boot: Boot) -> None:
        """One group of tasks, so that a task's failure ends all of them; InputError if it does."""
        failed: list[BaseException] = []
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                self.receive(boot)
                self._restate_config()
                self._do(self._keep_time())
                self._do(self._sensors.watch(self.receive))
                await self._ended.wait()
                for task in self._tasks:
                    task.cancel()
        except* InputError as errors:
            failed += errors.exceptions
        if failed:
            raise failed[0]
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """End `run`; what is queued waits in flash."""
        self._ended.set()

    def _restate_config(self) -> None:
        """A flash file may hold an older configuration; the one asked for now is in force."""
        if (push := self.badge.restated()) is not None:
            self.receive(push)

    # -- inputs ------------------------------------------------------------------------------

    def receive(self, what: Input) -> None:
        """Give the badge an input now, and perform what it wants; nothing once it has ended."""
        now_ms = self.now_ms
        self._fire_before(now_ms)
        if self._ended.is_set():
            return
        for observer in self._observers:
            observer.happened(now_ms, what)
        self._give(what, now_ms)

    def _fire_before(self, now_ms: int) -> None:
        """Give each overdue deadline its own time, as a replay does: this pump is always late."""
        while not self._ended.is_set():
            due_ms = self.badge.next_deadline_ms
            if due_ms is None or due_ms >= now_ms:
                return
            self._give(_TICK, due_ms)

    def _give(self, what: Input, ms: int) -> None:
        self._ms = ms
        try:
            self._perform(self.badge.receive(what, ms))
        except InputError as error:  # whoever gave the input is not to blame: `run` raises it
            self._failure = error
            self.stop()
        self._rearmed.set()

    async def _keep_time(self) -> None:
        """Give a `Tick` at each deadline; deadlines move, so each input wakes this."""
        while True:
            self._fire_before(self.now_ms + 1)
            self._rearmed.clear()
            await self._sleep_until(self.badge.next_deadline_ms)

    async def _sleep_until(self, due_ms: int | None) -> None:
        waits: list[asyncio.Task[Literal[True]] | asyncio.Task[None]] = [
            asyncio.ensure_future(self._rearmed.wait())
        ]
        if due_ms is not None:
            left_s = due_ms / 1000 - (self._clock.monotonic_ns() - self._start_ns) / 1e9
            waits.append(asyncio.ensure_future(self._clock.sleep(max(left_s, 0.0))))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    # -- effects -----------------------------------------------------------------------------

    def _perform(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            if self._failure is not None:
                return
            if (perform := _PERFORM.get(type(effect))) is not None:
                perform(self, effect)

    def _do(self, work: Coroutine[object, object, None]) -> None:
        if self._group is None:
            work.close()
            return
        task = self._group.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _write(self, effect: Program | Erase) -> None:
        """Perform a flash effect; what does not read back is mended before anything else."""
        if self._flash is None:
            return
        self._unsynced = True
        try:
            sound = self._flash.perform(effect)
        except OSError as error:
            raise _cannot_keep(error) from None
        if not sound:
            self._mend(effect.address)

    def _mend(self, address: int) -> None:
        fault = FlashFault(address)
        for observer in self._observers:
            observer.happened(self._ms, fault)
        self._give(fault, self._ms)

    def _sync(self) -> None:
        if self._flash is not None and self._unsynced:
            try:
                self._flash.sync()
            except OSError as error:
                raise _cannot_keep(error) from None
            self._unsynced = False

    def _logged(self, effect: Logged) -> None:
        self._sync()
        for observer in self._observers:
            observer.logged(self._ms, effect.entry)

    def _noticed(self, effect: Notice) -> None:
        for observer in self._observers:
            observer.noticed(self._ms, effect)

    def _power_gps(self, effect: PowerGps) -> None:
        self._do(self._switch_gps(effect.on))

    async def _switch_gps(self, on: bool) -> None:
        async with self._gps_power:  # on and off in the order in which they were said
            await self._sensors.power_gps(on)

    def _power_scanner(self, effect: PowerScanner) -> None:
        self._do(self._scanner.power(effect.on))

    def _poll_gps(self, effect: PollGps) -> None:
        self._do(self._fix(effect.timeout_ms / 1000))

    async def _fix(self, timeout_s: float) -> None:
        found = await self._sensors.fix(timeout_s)
        if found is not None:
            self.receive(found)

    def _start_scan(self, effect: StartScan) -> None:
        self._do(self._scan(effect.duration_ms / 1000))

    async def _scan(self, duration_s: float) -> None:
        heard = await self._scanner.scan(duration_s)
        if heard is not None:
            self.receive(ScanResult(tuple(heard)))

    def _upload(self, effect: Upload) -> None:
        self._sync()
        self._do(self._send(effect))

    async def _send(self, upload: Upload) -> None:
        self.uploading = True
        try:
            answer = await self._uplink.send(upload)
        finally:
            self.uploading = False
        self.receive(answer)

    def _draw(self, effect: Draw) -> None:
        self.screen = effect.screen

    def _reboot(self, effect: Reboot) -> None:
        self._do(self._boot_again())

    async def _boot_again(self) -> None:
        await self._clock.sleep(REBOOT_S)
        self.receive(Boot("firmware_update"))

    def _power_off(self, effect: PowerOff) -> None:
        self._sync()
        self.stop()


def _cannot_keep(error: OSError) -> InputError:
    return InputError(
        f"the flash file cannot be written ({error.strerror or error}): the badge stops, since an "
        "event must not leave it before it is in flash; make room and start it again, it goes on "
        "from there"
    )


_PERFORM: dict[type, Callable[..., None]] = {
    Program: AsyncPump._write,
    Erase: AsyncPump._write,
    Logged: AsyncPump._logged,
    Notice: AsyncPump._noticed,
    PowerGps: AsyncPump._power_gps,
    PowerScanner: AsyncPump._power_scanner,
    PollGps: AsyncPump._poll_gps,
    StartScan: AsyncPump._start_scan,
    Upload: AsyncPump._upload,
    Draw: AsyncPump._draw,
    Reboot: AsyncPump._reboot,
    PowerOff: AsyncPump._power_off,
}
