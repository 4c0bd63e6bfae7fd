"""One run: badges upload without pause, the server dies and comes back, the database is audited."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from badge.words import counted
from sim.crashtest.audit import Audit
from sim.crashtest.load import Load, device_ids
from sim.crashtest.plan import Kill, KillPlan
from sim.crashtest.proof import Proof
from sim.crashtest.server import COMMAND, Ready, Server, provision
from sim.engine.promises import DELIVERED, SOUND, BrokenPromiseError
from sim.net.server import held_port

DELIVERY_TIMEOUT_S = 120.0
LIFE_TIMEOUT_S = 60.0

Progress = Callable[[Proof], None]


class CrashRun:
    """Carries out a plan in a folder; the proof is true at any time, `told` is called with it."""

    def __init__(
        self,
        plan: KillPlan,
        proof: Proof,
        folder: Path,
        told: Progress,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._plan = plan
        self._proof = proof
        self._db = folder.resolve() / "crashtest.db"
        self._told = told
        self._command = command
        self._load: Load | None = None

    async def go(self) -> None:
        """CrashRun to the end, or to the first broken promise, which the proof then names."""
        begun_s = time.perf_counter()
        try:
            with held_port() as self._port:
                await self._whole()
        except* BrokenPromiseError as broken:
            first = broken.exceptions[0]
            while isinstance(first, BaseExceptionGroup):
                first = first.exceptions[0]
            self._proof.broken = str(first)
        finally:
            self._count()
            self._proof.wall_s = time.perf_counter() - begun_s
            if self._load is not None:
                self._load.close()

    async def _whole(self) -> None:
        keys = await self._provision()
        async with asyncio.TaskGroup() as tasks:
            self._load = load = Load(
                self._port, keys, self._plan.batch_events, lambda post: tasks.create_task(post)
            )
            self._audit = Audit(self._db, [client.account for client in load.clients])
            pump = tasks.create_task(load.pump())
            for kill in self._plan.kills:
                await self._life(load, kill)
                self._count()
                self._told(self._proof)
            await self._heal(load)
            pump.cancel()
            load.close()

    async def _provision(self) -> dict[str, str]:
        """Let a first life make the keys of all badges, and end it in good order."""
        server = await self._start()
        try:
            ready = await self._ready(server)
            master = ready.announced["provisioning_key"]
            ids = device_ids(len(self._plan.batch_events))
            keys = await asyncio.to_thread(provision, self._port, master, ids)
            await server.stop()
        finally:
            await server.drop()
        return keys

    async def _life(self, load: Load, kill: Kill) -> None:
        server = await self._start()
        try:
            if kill.at == "load":
                await self._ready(server)
                load.acknowledged.clear()
                await self._check()
                await self._until_loaded(load)
            await asyncio.sleep(kill.delay_ms / 1000)
            await server.kill()
        finally:
            await server.drop()
        self._proof.kills_under_load += kill.at == "load"
        self._proof.kills_at_start += kill.at == "start"

    async def _until_loaded(self, load: Load) -> None:
        try:
            async with asyncio.timeout(LIFE_TIMEOUT_S):
                await load.acknowledged.wait()
        except TimeoutError:
            text = f"nothing was acknowledged within {LIFE_TIMEOUT_S:g} s of a restart"
            raise BrokenPromiseError(SOUND, text) from None

    async def _heal(self, load: Load) -> None:
        """No more kills: everything must arrive, and be there after an end in good order."""
        server = await self._start()
        try:
            await self._ready(server)
            await self._check()
            load.end_shifts()
            await self._until_delivered(load)
            await server.stop()
        finally:
            await server.drop()
        await self._check(whole=True)
        if self._proof.events_kept != sum(len(client.account.prints) for client in load.clients):
            raise BrokenPromiseError(DELIVERED, "the database holds something else than was sent")
        self._proof.delivered = True

    async def _until_delivered(self, load: Load) -> None:
        try:
            async with asyncio.timeout(DELIVERY_TIMEOUT_S):
                while not load.delivered:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            waiting = [c.account.device_id for c in load.clients if not c.delivered]
            still = counted(len(waiting), "badge still waits", "badges still wait")
            text = f"{still} after {DELIVERY_TIMEOUT_S:g} s: {waiting[:5]}"
            raise BrokenPromiseError(DELIVERED, text) from None

    async def _start(self) -> Server:
        return await Server.start(self._db, self._port, command=self._command)

    async def _ready(self, server: Server) -> Ready:
        ready = await server.ready()
        self._proof.start_s.append(ready.start_s)
        return ready

    async def _check(self, *, whole: bool = False) -> None:
        self._proof.events_kept = await asyncio.to_thread(self._audit.check, whole=whole)
        self._proof.audits += 1

    def _count(self) -> None:
        if self._load is not None:
            self._proof.events_acknowledged = self._load.acknowledged_events()
            self._proof.answers = self._load.answers
