"""The load generator: `python -m benchmarks load`, about a minute.

One batch of 120 events again and again to a sink in a process of its own, 50 connections, by
`badge load`'s engine, by a bare loop of aiohttp and by wrk with one thread (Debian's), in turn.
The sink has one core, and every client the other.  A round asks each of them once, right after the
other, so that what else this machine does meets all alike: the ratios are medians over the rounds,
of requests a second and of requests a CPU second.  Last, how fast batches are made: anew out of
those that are there, no two alike, and by the fleet engine: before a load that is asked for one,
and by a fleet that sends them itself.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from benchmarks.send import EVENTS, batch, sink
from sim.load.arrivals import constant
from sim.load.engine import LoadEngine
from sim.load.fleet_batches import scenario_batches
from sim.load.requests import LoadBatch, Requests, made
from sim.load.target import target_of

CONNECTIONS, SECONDS, ROUNDS = 50, 1.0, 9
SCENARIO, BADGES, HOURS = "morning-of-500", 20, 3.0
LUA = """wrk.method = "POST"
local file = io.open("{file}", "rb")
wrk.body = file:read("*a")
wrk.headers["Content-Type"] = "application/json"
wrk.headers["X-Actual-Api-Key"] = "ak_1"
"""
Ratio = tuple[str, float, float | None]
Measured = tuple[float, float]  # requests a second, requests a CPU second


def ratios() -> list[Ratio]:
    """Run all clients in turn and give the figures."""
    found: dict[str, list[Measured]] = {}
    with _sink_apart() as url, tempfile.TemporaryDirectory() as folder:
        body = Path(folder) / "batch.json"
        body.write_bytes(batch())
        clients = {"ours": lambda: _ours(url)}
        if find_spec("aiohttp") is not None:
            clients["aiohttp"] = lambda: _aiohttp(url, body)
        if shutil.which("wrk"):
            clients["wrk"] = lambda: _wrk(url, body)
        for _ in range(ROUNDS):
            for name, measure in clients.items():
                found.setdefault(name, []).append(measure())
        live = _live(url)
    rows: list[Ratio] = []
    for name, measured in found.items():
        rows.append((f"batches a second, {name}", median(one[0] for one in measured), None))
        rows.append((f"batches a CPU second, {name}", median(one[1] for one in measured), None))
    for name, goal in (("aiohttp", 2.0), ("wrk", 0.9)):
        for place, unit in enumerate(("a second", "a CPU second")):
            if name in found:
                pairs = zip(found["ours"], found[name], strict=True)
                ratio = median(ours[place] / theirs[place] for ours, theirs in pairs)
                rows.append((f"ours to {name}'s, {unit}", ratio, goal))
    return [
        *rows,
        ("events made anew a CPU second", _made_anew(), 200_000),
        (f"events of {SCENARIO} a CPU second, before a load", _lived(), None),
        (f"events of {SCENARIO} a second, lived and sent, all files written", live, None),
    ]


@contextmanager
def _sink_apart() -> Iterator[str]:
    """Run the sink on the first core, and leave the last one to whoever sends."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[0]})  # a child has what its parent had when it was made
    try:
        with sink() as url:
            os.sched_setaffinity(0, {cores[-1]})
            yield url
    finally:
        os.sched_setaffinity(0, cores)


def _ours(url: str) -> Measured:
    target = target_of(url, {"": "ak_1"}, remote=False)
    one = LoadBatch("ACT-0000000A", EVENTS, batch(), 1000, 1000 + EVENTS - 1)
    requests = Requests([one], target.heads, same=True)
    with LoadEngine(target.address, None, requests, CONNECTIONS) as engine:
        engine.open_all()
        counts = engine.run(constant(1_000_000.0, SECONDS))
    assert counts.labels == {"202": counts.answered}, counts.labels
    return counts.answered / counts.seconds, counts.answered / counts.cpu_s


def _aiohttp(url: str, body: Path) -> Measured:
    words = ["-m", "benchmarks.sending.aiohttp_loop", url, str(body), str(CONNECTIONS)]
    done = subprocess.run(
        [sys.executable, *words, str(SECONDS)], capture_output=True, text=True, check=True
    )
    count, cpu_s = done.stdout.split()
    return int(count) / SECONDS, int(count) / float(cpu_s)


def _wrk(url: str, body: Path) -> Measured:
    script = body.with_suffix(".lua")
    script.write_text(LUA.format(file=body))
    before = _children_cpu_s()
    words = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS:.0f}s", "-s", str(script), url]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    cpu_s = _children_cpu_s() - before
    assert "Non-2xx" not in done.stdout, done.stdout
    (line,) = [line for line in done.stdout.splitlines() if "requests in" in line]
    count = int(line.split()[0])
    return count / SECONDS, count / cpu_s


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _made_anew() -> float:
    requests = Requests(made(CONNECTIONS, 1.8e9), {"": b"POST / HTTP/1.1\r\n"}, same=False)
    for _ in range(CONNECTIONS):
        requests.take()
    begun_s, events = time.process_time(), 0
    while time.process_time() - begun_s < 1.0:
        for _ in range(100):
            events += requests.take()[1]
    return events / (time.process_time() - begun_s)


def _live(url: str) -> float:
    words = ["-m", "badge", "simulate", SCENARIO, "--hours", str(HOURS), "--to", url, "--jobs", "1"]
    with tempfile.TemporaryDirectory() as folder:
        line = [sys.executable, *words, "--out", f"{folder}/run", "--json"]
        done = subprocess.run(line, capture_output=True, text=True, check=True)
    found: float = json.loads(done.stdout)["events_per_s"]
    return found


def _lived() -> float:
    before = time.process_time() + _children_cpu_s()
    made_by_fleet = scenario_batches(SCENARIO, BADGES, HOURS, lambda progress: None)
    used_s = time.process_time() + _children_cpu_s() - before
    return sum(one.count for one in made_by_fleet) / used_s
