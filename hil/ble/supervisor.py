"""Keeps one radio scanning: start, watch, restart; and says when it was not."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from badge.errors import InputError
from hil.ble.errors import ScannerError, explain
from hil.ble.sampler import Sampler
from hil.clock import Clock, within


class Sink(Protocol):
    """Where a radio delivers what it hears; every call is synchronous and quick."""

    def hear(
        self,
        at_ns: int,
        address: str,
        rssi_dbm: int | None,
        payload: Hashable = None,
        host_state: Hashable = None,
    ) -> None:
        """Take one report (as `Sampler.hear`)."""

    def lose(self, reason: str) -> None:
        """Take note that scanning has ended without our doing."""


class HostRadio(Protocol):
    """One adapter: `start` raises ScannerError, `stop` raises nothing."""

    place: str

    async def start(self, sink: Sink) -> None:
        """Begin to scan."""

    async def stop(self) -> None:
        """End scanning, in whatever state the host is."""


class ScannerState(StrEnum):
    """What the scanner is doing."""

    OFF = "off"
    STARTING = "starting"
    UP = "up"
    WAITING = "waiting to try again"


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """How long to wait for what, in seconds; `silence_s` doubles while restarts bring nothing."""

    start_s: float = 15.0
    # After a crash BlueZ answers InProgress until the kernel's scan has ended, at most 10.24 s
    # later: attempts at 0, 1, 3, 7, 11 and 15 s leave one to spare.
    first_attempts: int = 6
    first_pause_max_s: float = 4.0
    pause_s: float = 1.0
    pause_max_s: float = 30.0
    silence_s: float = 90.0
    silence_max_s: float = 900.0


class Supervisor:
    """Runs a radio for a sampler; cycles in which it was not scanning are marked down.

    `begin` is a first start that a person waits for: it succeeds or raises ScannerError.  `run`
    starts if nothing has, watches, and restarts for ever, however long the host is away.
    """

    def __init__(
        self, radio: HostRadio, sampler: Sampler, clock: Clock, policy: RestartPolicy | None = None
    ) -> None:
        self.state = ScannerState.OFF
        self.restarts: Counter[str] = Counter()
        self.trouble: ScannerError | None = None
        self._radio, self._sampler, self._clock = radio, sampler, clock
        self._policy = policy or RestartPolicy()
        self._silence_s = self._policy.silence_s
        self._heard_ns = 0
        self._lost: asyncio.Future[str] | None = None

    def hear(
        self,
        at_ns: int,
        address: str,
        rssi_dbm: int | None,
        payload: Hashable = None,
        host_state: Hashable = None,
    ) -> None:
        """Pass a report on; an address that can never be a tag's ends the run with its error."""
        try:
            if self._sampler.hear(at_ns, address, rssi_dbm, payload, host_state):
                self._heard_ns = at_ns
                self._silence_s = self._policy.silence_s
        except InputError as error:
            if self._lost is not None and not self._lost.done():
                self._lost.set_exception(error)

    def lose(self, reason: str) -> None:
        """Mark the scanner down at once; `run` brings it back."""
        if self.state is ScannerState.UP:
            self._sampler.down(self._clock.monotonic_ns())
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(reason)

    async def begin(self) -> None:
        """Start for the first time: a few attempts, none more if it is hopeless."""
        for attempt in range(self._policy.first_attempts):
            if await self._start():
                return
            if self.trouble is not None and self.trouble.hopeless:
                break
            if attempt + 1 < self._policy.first_attempts:
                pause_s = min(self._pause_s(attempt), self._policy.first_pause_max_s)
                await self._clock.sleep(pause_s)
        self.state = ScannerState.OFF
        raise self.trouble or ScannerError(f"scanner {self._radio.place}: it did not start")

    async def run(self) -> None:
        """Watch and restart until cancelled; InputError if the radio can never serve."""
        if self.state is not ScannerState.UP:
            await self._start_at_last()
        while True:
            reason = await self._watch()
            self.restarts[reason] += 1
            self._sampler.down(self._clock.monotonic_ns())
            await self._stop()
            await self._start_at_last()

    async def end(self) -> None:
        """Stop scanning; cycles from now on are down."""
        self._sampler.down(self._clock.monotonic_ns())
        await self._stop()
        self.state = ScannerState.OFF

    async def _start_at_last(self) -> None:
        attempt = 0
        while not await self._start():
            self.state = ScannerState.WAITING
            await self._clock.sleep(self._pause_s(attempt))
            attempt += 1

    async def _start(self) -> bool:
        self.state = ScannerState.STARTING
        self._lost = asyncio.get_running_loop().create_future()
        try:
            await within(self._clock, self._radio.start(self), self._policy.start_s)
        except (ScannerError, TimeoutError) as error:
            self.trouble = (
                error if isinstance(error, ScannerError) else explain(error, self._radio.place)
            )
            await self._stop()
            return False
        self.trouble = None
        self._heard_ns = self._clock.monotonic_ns()
        self.state = ScannerState.UP
        if not self._lost.done():  # it may have been lost while it was starting
            self._sampler.up(self._heard_ns)
        return True

    async def _stop(self) -> None:
        with suppress(TimeoutError):
            await within(self._clock, self._radio.stop(), self._policy.start_s)

    async def _watch(self) -> str:
        lost = self._lost
        if lost is None:
            raise ScannerError(f"scanner {self._radio.place}: watched before it was started")
        while not lost.done():
            quiet_s = (self._clock.monotonic_ns() - self._heard_ns) / 1e9
            if quiet_s >= self._silence_s:
                self._silence_s = min(self._silence_s * 2, self._policy.silence_max_s)
                return "silence"
            with suppress(TimeoutError):
                await within(self._clock, _wait(lost), self._silence_s - quiet_s)
        return lost.result()

    def _pause_s(self, attempt: int) -> float:
        return min(self._policy.pause_s * 2.0 ** min(attempt, 16), self._policy.pause_max_s)


async def _wait(future: asyncio.Future[str]) -> None:
    await asyncio.wait({future})
