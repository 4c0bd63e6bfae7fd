"""Carries the abuses out against a real `badge serve`, and looks at its memory before and after."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from badge.words import counted
from sim.conformance.kit.abuse import CLOSED, DEVICE, OTHER, Abused, Case, cases
from sim.crashtest.server import COMMAND, Server, provision
from sim.engine.promises import BOUNDED, KEPT, STATUS, BrokenPromiseError
from sim.net.server import LOOPBACK, held_port

PATIENCE_S = 3.0
AT_ONCE = 200
ANSWER_TIMEOUT_S = 60.0
ROUNDS = 4
ROUNDS_MOST = 3  # as often as that
CROWDS = 3 * ROUNDS
PEAK_BYTES_MAX = 256 << 20
# Freed memory stays with the process in pieces, so it wavers; what is kept for good would add up.
LEAK_BYTES_MAX = 64 << 20
_STATUS_LINE = b"HTTP/1.1 "


@dataclass(frozen=True, slots=True)
class AbuseResult:
    """What one abuse got; `status` CLOSED is a connection closed without an answer."""

    name: str
    expected: tuple[int, ...]
    statuses: tuple[int, ...]
    seconds: float

    @property
    def right(self) -> bool:
        """Whether every answer is one of those expected."""
        return set(self.statuses) <= set(self.expected)


@dataclass(slots=True)
class Siege:
    """All results so far, and the server's resident memory in bytes (0 where unknown).

    `memory` is before, after the first round of crowds, and after each further one.
    """

    results: list[AbuseResult] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    memory_peak: int = 0
    broken: str | None = None

    def figures(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        return {
            "abuses": {o.name: list(dict.fromkeys(o.statuses)) for o in self.results},
            "memory_bytes": self.memory,
            "memory_peak_bytes": self.memory_peak,
            "memory_peak_bytes_max": PEAK_BYTES_MAX,
            "broken": self.broken,
        }


Progress = Callable[[AbuseResult], None]


async def besiege(
    siege: Siege,
    folder: Path,
    told: Progress,
    *,
    patience_s: float = PATIENCE_S,
    rounds: int = ROUNDS,
    command: Sequence[str] = COMMAND,
) -> None:
    """CrashRun every abuse; BrokenPromiseError if one got another answer, or memory ran away.

    `told` keeps each result in `siege`.
    """
    db = folder.resolve() / "siege.db"
    with held_port() as port:
        server = await Server.start(db, port, "--patience", str(patience_s), command=command)
        try:
            ready = await server.ready()
            master = ready.announced["provisioning_key"]
            made = await asyncio.to_thread(provision, port, master, (DEVICE, OTHER))
            keys = Abused(made[DEVICE], made[OTHER], ready.announced["admin_key"])
            siege.memory.append(server.memory_bytes())
            async for result in _abuses(port, keys, patience_s):
                told(result)
            # More of them while memory grows: what is kept for good grows on, what is freed
            # settles.
            while len(siege.memory) <= rounds or (
                len(siege.memory) <= ROUNDS_MOST * rounds and _grown(siege) > LEAK_BYTES_MAX
            ):
                async for result in _crowds(port, keys):
                    told(result)
                siege.memory.append(server.memory_bytes())
            siege.memory_peak = server.memory_bytes("VmHWM")
            await server.stop()
        finally:
            await server.drop()
    _judge(siege, db)


async def _abuses(port: int, keys: Abused, patience_s: float) -> AsyncIterator[AbuseResult]:
    for done in asyncio.as_completed([_suffer(port, case) for case in cases(keys, patience_s)]):
        yield await done


async def _crowds(port: int, keys: Abused) -> AsyncIterator[AbuseResult]:
    small = [
        Case("", (202,), keys.request(keys.batch(n), keys.device)) for n in range(2, AT_ONCE + 2)
    ]
    yield await _crowd(port, f"{AT_ONCE} connections at once", (202,), small)
    # On a slow machine some do not get through in time; what counts is that memory holds out.
    fair = (202, 408, 503)
    large = keys.request(keys.batch(1).ljust(1 << 20), keys.device)
    yield await _crowd(
        port, f"{AT_ONCE} bodies of 1 MiB at once", fair, [Case("", fair, large)] * AT_ONCE
    )
    honest = Case("and then an honest client", (202,), keys.request(keys.batch(1), keys.device))
    yield await _suffer(port, honest)


async def _crowd(port: int, name: str, expected: tuple[int, ...], each: list[Case]) -> AbuseResult:
    results = await asyncio.gather(*(_suffer(port, case) for case in each))
    statuses = tuple(status for result in results for status in result.statuses)
    return AbuseResult(name, expected, statuses, max(result.seconds for result in results))


async def _suffer(port: int, case: Case) -> AbuseResult:
    begun_s = time.perf_counter()
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            status = await _spoken(port, case)
    except TimeoutError:
        raise BrokenPromiseError(STATUS, f"{case.name}: no answer, no end") from None
    return AbuseResult(case.name, case.statuses, (status,), time.perf_counter() - begun_s)


async def _spoken(port: int, case: Case) -> int:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    sending = asyncio.ensure_future(_say(writer, case))
    try:
        answer = b"" if case.leaves else await reader.read(65_536)
        if case.leaves:
            await sending
    except ConnectionError:
        answer = b""
    finally:
        sending.cancel()
        writer.transport.abort()
    return int(answer[9:12]) if answer.startswith(_STATUS_LINE) else CLOSED


async def _say(writer: asyncio.StreamWriter, case: Case) -> None:
    try:
        for piece in case.pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(case.pause_s)
        if case.half_closes:
            writer.write_eof()
    except ConnectionError:
        return  # refused in the middle; what was answered is read all the same


def _judge(siege: Siege, db: Path) -> None:
    for result in siege.results:
        if not result.right:
            got = sorted(set(result.statuses))
            raise BrokenPromiseError(STATUS, f"{result.name}: {got}, not {result.expected}")
    if siege.memory_peak > PEAK_BYTES_MAX:
        raise BrokenPromiseError(BOUNDED, f"{siege.memory_peak >> 20} MiB at the highest")
    if (grown := _grown(siege)) > LEAK_BYTES_MAX:
        text = f"{grown >> 20} MiB more after the last round than half way"
        raise BrokenPromiseError(BOUNDED, text)
    _judge_kept(db)


def _grown(siege: Siege) -> int:
    """Since half way: the first rounds may only have begun to fill what is kept for the next."""
    return siege.memory[-1] - siege.memory[len(siege.memory) // 2]


def _judge_kept(db: Path) -> None:
    """What honest clients sent is kept, and nothing else."""
    with closing(sqlite3.connect(f"{db.as_uri()}?mode=ro", uri=True)) as kept:
        rows = kept.execute("SELECT device_id, sequence_number FROM raw_events").fetchall()
    if sorted(rows) != [(DEVICE, n) for n in range(1, AT_ONCE + 2)]:
        raise BrokenPromiseError(KEPT, f"{counted(len(rows), 'event')} are kept, not {AT_ONCE + 1}")
