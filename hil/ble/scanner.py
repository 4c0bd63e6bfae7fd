"""The radio as the badge's port: power, and one cycle after another."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType

from badge.errors import InputError, MisuseError
from hil.ble.errors import ScannerError
from hil.ble.radio import BleakRadio
from hil.ble.sampler import Cycle, Sample, SampleCounts, Sampler
from hil.ble.supervisor import HostRadio, RestartPolicy, ScannerState, Supervisor
from hil.clock import Clock, SystemClock

_SPEC = re.compile(r"bleak(?::([A-Za-z0-9_]{1,32}))?")


def open_scanner(
    spec: str,
    *,
    tags: Collection[str] | None = None,
    clock: Clock | None = None,
    policy: RestartPolicy | None = None,
) -> Scanner:
    """Return the scanner that `bleak` or `bleak:hci0` names; InputError for other words.

    `tags` are the MACs to listen for; None takes every device.
    """
    parts = _SPEC.fullmatch(spec)
    if parts is None:
        raise InputError(f"scanner {spec!r}: unknown; write bleak or bleak:hci0")
    clock = clock or SystemClock()
    return Scanner(BleakRadio(parts[1], clock), Sampler(tags), clock, policy)


@dataclass(frozen=True, slots=True)
class ScannerStatus:
    """What a status line or a report shows."""

    state: ScannerState
    counts: SampleCounts
    restarts: dict[str, int]
    trouble: str


class Scanner:
    """A radio that a badge is given (`hil.ports.TagScanner`), or that a program listens to.

    The badge's `power` returns at once, and its `scan` never raises: whatever is wrong is in
    `trouble`, and the supervisor tries for as long as it takes.  A program writes `async with
    open_scanner("bleak:hci0") as scanner`, which raises ScannerError if the radio does not start,
    and then `await scanner.listen(5.0)` or `async for cycle in scanner.cycles(5.0)`.

    `heard` is the last cycle's strongest sample per tag; `asked` and `down` count cycles.
    """

    def __init__(
        self, radio: HostRadio, sampler: Sampler, clock: Clock, policy: RestartPolicy | None = None
    ) -> None:
        self.heard: dict[str, int] = {}
        self.asked = self.down = 0
        self._sampler, self._clock = sampler, clock
        self._supervisor = Supervisor(radio, sampler, clock, policy)
        self._running: asyncio.Task[None] | None = None
        self._end_ns: int | None = None  # of the latest cycle since it was switched on
        self._failure = ""
        self._switch = asyncio.Lock()  # off and on again: the one ends before the other begins
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Scanner:
        await self._supervisor.begin()
        self._run()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.power(False)

    async def power(self, on: bool) -> None:
        """Switch scanning on or off; it keeps trying while the radio does not start."""
        async with self._switch:
            if on and self._running is None:
                self._run()
            elif not on and self._running is not None:
                await self._stop()
                self._failure = ""

    def _run(self) -> None:
        self._running = asyncio.create_task(self._supervisor.run())
        self._end_ns = None  # no cycle reaches back to before the start

    async def _stop(self) -> None:
        task, self._running = self._running, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError, InputError):
                await task
        self.heard = {}
        await self._supervisor.end()

    # -- for the badge -----------------------------------------------------------------------

    @property
    def trouble(self) -> str:
        """What is wrong now, as a sentence; empty while all is well."""
        return self._failure or str(self._supervisor.trouble or "")

    async def scan(self, duration_s: float) -> tuple[Sample, ...] | None:
        """Return all (MAC, dBm) heard in one cycle, or None if the scanner was down.

        The badge asks for the next cycle at the end of its own one, and the radio's ends a moment
        later: so one waits for the other, and they follow without a gap.
        """
        self.asked += 1
        heard = None
        async with self._turn:
            if self._running is not None:
                try:
                    heard = (await self.listen(duration_s)).heard
                    self._failure = ""
                except InputError as error:
                    await self._restart(str(error))
        if heard is None:
            self.down += 1
            return None
        self.heard = dict(sorted(heard, key=lambda one: one[1]))
        return heard

    async def _restart(self, trouble: str) -> None:
        """Begin anew after an error that ends scanning; nothing if it was switched off."""
        async with self._switch:
            if self._running is not None:
                await self._stop()
                self._run()
                self._failure = trouble

    # -- for a program -----------------------------------------------------------------------

    async def listen(self, duration_s: float) -> Cycle:
        """Listen for one cycle; its `heard` is None if the scanner was down meanwhile.

        A call within half a cycle of the last one's end continues it without a gap, so that
        nothing falls between the two.  InputError if this radio can never name a tag, or if it
        is switched off meanwhile.
        """
        now_ns, length_ns = self._clock.monotonic_ns(), round(duration_s * 1e9)
        end_ns = self._end_ns
        if end_ns is None or not 0 <= now_ns - end_ns < length_ns // 2:
            end_ns = now_ns
        return await self._cycle(end_ns, length_ns)

    async def cycles(self, period_s: float) -> AsyncIterator[Cycle]:
        """Yield one cycle after the other for ever, without gaps however slow the reader is."""
        start_ns, length_ns = self._clock.monotonic_ns(), round(period_s * 1e9)
        while True:
            yield await self._cycle(start_ns, length_ns)
            start_ns += length_ns

    async def _cycle(self, start_ns: int, length_ns: int) -> Cycle:
        end_ns = self._end_ns = start_ns + length_ns
        self._sampler.begin(start_ns, end_ns)
        try:
            while not (closed := self._sampler.close(self._clock.monotonic_ns())):
                await self._until(end_ns)
        except BaseException:  # also when cancelled: the next cycle begins anew
            self._sampler.abandon()
            self._end_ns = self._clock.monotonic_ns()
            raise
        return closed[-1]

    @property
    def status(self) -> ScannerStatus:
        """Return what the scanner does and what it has counted."""
        known = self._supervisor
        trouble = str(known.trouble or "")
        return ScannerStatus(known.state, self._sampler.counts, dict(known.restarts), trouble)

    async def _until(self, end_ns: int) -> None:
        running = self._running
        if running is None:
            raise MisuseError("listen() while the scanner is switched off")
        left_s = max((end_ns - self._clock.monotonic_ns()) / 1e9, 0.0)
        timer = asyncio.ensure_future(self._clock.sleep(left_s))
        try:
            await asyncio.wait({timer, running}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                if running.cancelled():
                    raise ScannerError("scanner: switched off during a scan")
                running.result()
                raise ScannerError("scanner: it ended by itself")
        finally:
            timer.cancel()


class NoScanner:
    """`--scanner none`: no cycle is a sample, so nothing is said about tags."""

    trouble = ""
    asked = down = 0

    def __init__(self) -> None:
        self.heard: dict[str, int] = {}

    async def power(self, on: bool) -> None:
        """See `TagScanner`."""

    async def scan(self, duration_s: float) -> None:
        """See `TagScanner`: there is no scanner."""
