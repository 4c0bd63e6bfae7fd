"""The load: real badges in a hurry, each with its connection, on one event loop."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from badge.answers import read_answer
from badge.badge import Badge
from badge.config import BadgeConfig
from badge.effects import Upload
from badge.inputs import Assign, Boot, GpsFix, Movement, Unassign, UploadAnswer, UtcLearned
from sim.crashtest.account import Account
from sim.engine.clock import Clock
from sim.engine.promises import STATUS, BrokenPromiseError
from sim.engine.pump import Pump
from sim.net.answer import NoAnswer
from sim.net.async_client import AsyncClient
from sim.net.server import LOOPBACK

PACE = 20  # badge time goes so many times faster than ours
STEP_S = 0.01
START_MS = 1_773_477_135_000  # 2026-03-14T08:32:15Z
PATH = "/api/events"
TIMEOUT_S = 20.0
DEVICES_FROM = 0xF1E0_0000
_FIX = GpsFix(33.749001, -84.387982, accuracy_m=4.2)

Spawn = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]


def device_ids(count: int) -> list[str]:
    """Name the badges of a run."""
    return [f"ACT-{DEVICES_FROM + n:08X}" for n in range(count)]


def hurried(device_id: str, batch_events: int) -> BadgeConfig:
    """Return the settings of a badge that logs every other second and tries again within eight."""
    return BadgeConfig(
        device_id=device_id,
        gps_interval_s=2,
        gps_timeout_s=1,
        ble_scan_period_s=7 * 86_400,
        uptime_save_s=86_400,
        upload_interval_s=2,
        boot_upload_delay_s=1,
        batch_events_max=batch_events,
        queue_events_max=100_000,
        backoff_first_s=2,
        backoff_cap_s=8,
    )


class _Open:
    """A clear sky and no tags."""

    def fix(self, now_ms: int) -> tuple[int, GpsFix]:
        return 100, _FIX

    def heard(self, start_ms: int, end_ms: int) -> tuple[tuple[str, int], ...]:
        return ()


class LoadClient:
    """A badge, its account and its connection; performs the uploads that the badge asks for."""

    def __init__(self, config: BadgeConfig, key: str, load: Load) -> None:
        self.account = Account(config.device_id)
        self.clock = Clock()
        self.badge = Badge(config)
        self.pump = Pump(self.badge, self.clock, _Open(), self)
        url = f"http://{LOOPBACK}:{load.port}{PATH}"
        self._client = AsyncClient(url, {"X-Actual-Api-Key": key}, timeout_s=TIMEOUT_S)
        self._head = self._client.head({})
        self._load = load
        self._under_way: asyncio.Task[None] | None = None

    def begin(self, offset_ms: int) -> None:
        """Switch on, and start a shift that only `end` ends."""
        self.clock.run_until(offset_ms)
        for what in (Boot(), UtcLearned(START_MS), Movement(True), Assign("W-007")):
            self.pump.receive(what)

    def send(self, upload: Upload, answer: Callable[[UploadAnswer], None]) -> None:
        """Post a batch; an older one still under way was given up by the badge."""
        self.account.sent(upload.body, upload.last_sequence)
        self._drop()
        self._under_way = self._load.spawn(self._post(upload, answer))

    async def _post(self, upload: Upload, answer: Callable[[UploadAnswer], None]) -> None:
        reply = await self._client.ask(self._head, upload.body)
        self._under_way = None
        if isinstance(reply, NoAnswer):
            # nobody listens; or something was sent, and no whole answer came
            self._load.answers["refused" if reply.cause == "away" else "cut"] += 1
            answer(UploadAnswer(upload.request, None))
            return
        self._load.answers[str(reply.status)] += 1
        if reply.status == 202:
            self.account.acknowledge(upload.first_sequence, upload.last_sequence)
            self._load.acknowledged.set()
        elif reply.status != 503:
            text = f"{self.account.device_id} was answered {reply.status}: {reply.body[:200]!r}"
            raise BrokenPromiseError(STATUS, text)
        answer(read_answer(upload.request, reply.status, reply.headers, reply.body))

    @property
    def delivered(self) -> bool:
        """Whether all that it logged is acknowledged."""
        return not self.badge.store.queue.entries

    def close(self) -> None:
        """Drop what is under way."""
        self._drop()
        self._client.close()

    def _drop(self) -> None:
        """Give up the older batch with its connection, as a badge does whose time is over."""
        if self._under_way is not None:
            self._under_way.cancel()
            self._under_way = None
            self._client.close()


class Load:
    """All badges; `spawn` runs an upload beside the others, and is told if it breaks a promise."""

    def __init__(
        self, port: int, keys: Mapping[str, str], batch_events: tuple[int, ...], spawn: Spawn
    ) -> None:
        self.port = port
        self.spawn = spawn
        self.answers: Counter[str] = Counter()
        self.acknowledged = asyncio.Event()
        self.clients = [
            LoadClient(hurried(device_id, count), key, self)
            for (device_id, key), count in zip(keys.items(), batch_events, strict=True)
        ]
        self._ending = False

    async def pump(self) -> None:
        """Let the badges' time pass, for ever; once the shifts have ended, until all is told."""
        now_s = asyncio.get_running_loop().time
        start_s = now_s()
        for n, client in enumerate(self.clients):
            client.begin(n * 1000 // len(self.clients))
        while True:
            now_ms = int((now_s() - start_s) * 1000 * PACE) + 1000
            for client in self.clients:
                if not (self._ending and client.delivered):
                    client.clock.run_until(now_ms)
            await asyncio.sleep(STEP_S)

    def end_shifts(self) -> None:
        """Send the workers home: nothing new is logged but the ends of their shifts."""
        self._ending = True
        for client in self.clients:
            client.pump.receive(Unassign())

    @property
    def delivered(self) -> bool:
        """Whether every badge has told all that it logged."""
        return all(client.delivered for client in self.clients)

    def acknowledged_events(self) -> int:
        """Count the events that the server has promised to keep."""
        return sum(client.account.acknowledged for client in self.clients)

    def close(self) -> None:
        """Drop all connections."""
        for client in self.clients:
            client.close()
