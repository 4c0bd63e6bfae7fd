"""Sending: `python -m benchmarks send`, a minute and a half; Locust is asked if it is installed.

Everything goes to a sink in a process of its own that only finds the end of each request.

1. One batch of 120 events again and again, 1 to 1,000 badges in flight; beside it, the same batch
   by Locust's FastHttpUser with 100 users.  Both sides take the best of two rounds.
2. Twenty badges of the 500-badge morning for three hours, with `--to` the sink and without it.
3. Memory of the sending process after 1/4 and at the end of 60,000 batches.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import uvloop

from badge.effects import Upload
from badge.inputs import UploadAnswer
from sim.fleet.job import Job
from sim.fleet.shard import Shard
from sim.fleet.upload.backend import Target
from sim.fleet.upload.http_backend import HttpBackend
from sim.scenario.language.read import read_scenario
from sim.scenario.plan.parameters import Parameters

EVENTS, SECONDS, ROUNDS, USERS = 120, 3.0, 2, 100
BADGES, HOURS = 20, 3.0
MEMORY_BATCHES = 60_000
PAGE_KIB = os.sysconf("SC_PAGE_SIZE") / 1024
Ratio = tuple[str, float, float | None]


def ratios() -> list[Ratio]:
    """Run all three and give the figures."""
    with sink() as url:
        ours = {n: max(_post(url, n) for _ in range(ROUNDS)) for n in (1, 10, USERS, 1000)}
        rows: list[Ratio] = [
            (f"batches a second, {n} in flight", rate, None) for n, rate in ours.items()
        ]
        if find_spec("locust") is not None:
            theirs = max(_locust(url) for _ in range(ROUNDS))
            rows.append((f"batches a second, Locust with {USERS} users", theirs, None))
            rows.append(("ours to Locust's", ours[USERS] / theirs, 2))
        return [*rows, *_fresh(url), *_memory(url)]


@contextmanager
def sink() -> Iterator[str]:
    """Run the sink and give its URL."""
    words = [sys.executable, "-m", "benchmarks.sending.sink"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/api/events"
        finally:
            process.kill()


def batch() -> bytes:
    """Give a batch as it is uploaded: compact JSON, some 230 bytes an event."""
    payload = {"lat": 45.810123, "lon": 15.980321, "accuracy_m": 3.6, "fix_type": "3d"}
    events = [
        {
            "device_id": "ACT-0000000A",
            "firmware_version": "0.3.0",
            "event_type": "gps",
            "timestamp_utc": f"2026-03-16T08:{number // 4:02}:{number % 4 * 15:02}Z",
            "sequence_number": 1000 + number,
            "payload": payload,
        }
        for number in range(EVENTS)
    ]
    return json.dumps(events, separators=(",", ":")).encode()


def _post(url: str, in_flight: int) -> float:
    """Give the batches answered a second, in_flight at any time."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_keep_in_flight(url, in_flight, SECONDS))


async def _keep_in_flight(
    url: str, in_flight: int, seconds: float, batches: int | None = None
) -> float:
    upload = Upload(1, batch(), EVENTS, 1, EVENTS)
    ended = asyncio.Event()
    async with HttpBackend(Target(url, {"": "ak_1"}), "bench", patient=True) as backend:

        def again(answer: UploadAnswer) -> None:
            assert answer.status == 202
            if not ended.is_set():
                backend.post("ACT-0000000A", upload).then(again)
                if batches is not None and backend.answers >= batches:
                    ended.set()

        for _ in range(in_flight):
            backend.post("ACT-0000000A", upload).then(again)
        await asyncio.sleep(0.3)  # all connections are there
        begun_s, before = time.perf_counter(), backend.answers
        if batches is None:
            await asyncio.sleep(seconds)
            ended.set()
        await ended.wait()
        rate = (backend.answers - before) / (time.perf_counter() - begun_s)
        await backend.drain(10.0)
        return rate


def _locust(url: str) -> float:
    with tempfile.NamedTemporaryFile() as file:
        file.write(batch())
        file.flush()
        place = Path(__file__).parent / "sending" / "locustfile.py"
        words = f"-f {place} --headless -u {USERS} -r {USERS} -t {SECONDS + 2:.0f}s --json"
        host = url.removesuffix("/api/events")
        done = subprocess.run(
            [sys.executable, "-m", "locust", *words.split(), "--host", host, "-L", "ERROR"],
            env={**os.environ, "BATCH": file.name},
            capture_output=True,
            text=True,
            check=True,
        )
    (stats,) = json.loads(done.stdout)
    assert stats["num_failures"] == 0, stats
    took_s = stats["last_request_timestamp"] - stats["start_time"]
    return float(stats["num_requests"] / took_s)


def _fresh(url: str) -> list[Ratio]:
    """Alternate, and take the best of each: what else runs here disturbs both alike."""
    alone, sending = [], []
    for _ in range(ROUNDS):
        alone.append(_generate(None))
        sending.append(_generate(Target(url)))
    return [
        ("events a second, generated without sending", max(alone), None),
        ("events a second, generated and sent", max(sending), None),
        ("sending to not sending", max(sending) / max(alone), 0.9),
    ]


def _generate(target: Target | None) -> float:
    source = read_scenario("morning-of-500")
    parameters = Parameters(BADGES, HOURS, source.scenario.seed, source.scenario.start)
    with tempfile.TemporaryDirectory() as folder:
        job = Job(source, parameters, Path(folder), target=target)
        shard = Shard(job, range(BADGES), lambda progress: None, lambda: False)
        begun_s = time.perf_counter()
        results = shard.run()
        took_s = time.perf_counter() - begun_s
    assert shard.trouble is None
    return sum(result.events.total() for result in results) / took_s


def _memory(url: str) -> list[Ratio]:
    sizes = []
    for batches in (MEMORY_BATCHES // 4, MEMORY_BATCHES - MEMORY_BATCHES // 4):
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_keep_in_flight(url, USERS, 0.0, batches))
        sizes.append(int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_KIB / 1024)
    return [
        ("MiB resident after a quarter of 60,000 batches", sizes[0], None),
        ("MiB resident after all, to that", sizes[1] / sizes[0], 1.05),
    ]
