"""The scanner that a badge sees: power, and one cycle after another."""

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
from hil.ble.sampler import Counts, Cycle, Sampler
from hil.ble.supervisor import Patience, Radio, State, Supervisor
from hil.clock import Clock, SystemClock

_SPEC = re.compile(r"bleak(?::([A-Za-z0-9_]{1,32}))?")


def open_scanner(
    spec: str,
    *,
    tags: Collection[str] | None = None,
    clock: Clock | None = None,
    patience: Patience | None = None,
) -> Scanner:
    """Return the scanner that `bleak` or `bleak:hci0` names; InputError for other words.

    `tags` are the MACs to listen for; None takes every device.
    """
    parts = _SPEC.fullmatch(spec)
    if parts is None:
        raise InputError(f"scanner {spec!r}: unknown; write bleak or bleak:hci0")
    clock = clock or SystemClock()
    return Scanner(BleakRadio(parts[1], clock), Sampler(tags), clock, patience)


@dataclass(frozen=True, slots=True)
class ScannerStatus:
    """What a status line or a report shows."""

    state: State
    counts: Counts
    restarts: dict[str, int]
    trouble: str


class Scanner:
    """`async with open_scanner("bleak:hci0") as scanner: cycle = await scanner.scan(5.0)`."""

    def __init__(
        self, radio: Radio, sampler: Sampler, clock: Clock, patience: Patience | None = None
    ) -> None:
        self._sampler, self._clock = sampler, clock
        self._supervisor = Supervisor(radio, sampler, clock, patience)
        self._running: asyncio.Task[None] | None = None
        self._end_ns = 0

    async def __aenter__(self) -> Scanner:
        await self.power(True)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.power(False)

    async def power(self, on: bool) -> None:
        """Switch scanning on or off; ScannerError if the radio does not start."""
        if on and self._running is None:
            await self._supervisor.begin()
            self._running = asyncio.create_task(self._supervisor.run())
            self._end_ns = self._clock.monotonic_ns()  # no cycle reaches back to before the start
        elif not on and self._running is not None:
            task, self._running = self._running, None
            task.cancel()
            with suppress(asyncio.CancelledError, InputError):
                await task
            await self._supervisor.end()

    async def scan(self, duration_s: float) -> Cycle:
        """Listen for one cycle; its `heard` is None if the scanner was down meanwhile.

        A call within half a cycle of the last one's end continues it without a gap, so that
        nothing falls between the two.  InputError if this radio can never name a tag.
        """
        now_ns, length_ns = self._clock.monotonic_ns(), round(duration_s * 1e9)
        follows = 0 <= now_ns - self._end_ns < length_ns // 2
        return await self._cycle(self._end_ns if follows else now_ns, length_ns)

    async def cycles(self, period_s: float) -> AsyncIterator[Cycle]:
        """Yield one cycle after the other for ever, without gaps however slow the reader is."""
        self._end_ns = self._clock.monotonic_ns()
        while True:
            yield await self._cycle(self._end_ns, round(period_s * 1e9))

    async def _cycle(self, start_ns: int, length_ns: int) -> Cycle:
        self._end_ns = start_ns + length_ns
        self._sampler.begin(start_ns, self._end_ns)
        try:
            while not (closed := self._sampler.close(self._clock.monotonic_ns())):
                await self._until(self._end_ns)
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
            raise MisuseError("scan() while the scanner is switched off")
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
