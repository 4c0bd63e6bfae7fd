"""The load generator: `python -m benchmarks load`, some forty seconds.

One batch of 120 events again and again to a sink in a process of its own, 50 connections, by
`badge load`'s engine, by a bare loop of aiohttp and by wrk with one thread (Debian's), in turn.
Every client has one core.  Rates are told beside it; the ratios are of requests a CPU second, which
others on this machine cannot spoil, and the best of the rounds counts for all alike.  Last, how
fast batches are made anew, no two alike.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from benchmarks.send import EVENTS, batch, sink
from sim.load.arrivals import constant
from sim.load.engine import LoadEngine
from sim.load.requests import LoadBatch, Requests, made
from sim.load.target import target_of

CONNECTIONS, SECONDS, ROUNDS = 50, 2.0, 5
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
    with sink() as url, tempfile.TemporaryDirectory() as folder:
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
    rows: list[Ratio] = []
    for name, measured in found.items():
        rows.append((f"batches a second, {name}", max(one[0] for one in measured), None))
        rows.append((f"batches a CPU second, {name}", max(one[1] for one in measured), None))
    best = {name: max(one[1] for one in measured) for name, measured in found.items()}
    if "aiohttp" in best:
        rows.append(("ours to aiohttp's, a CPU second", best["ours"] / best["aiohttp"], 2))
    if "wrk" in best:
        rows.append(("ours to wrk's, a CPU second", best["ours"] / best["wrk"], 0.9))
        fastest = {name: max(one[0] for one in measured) for name, measured in found.items()}
        rows.append(("ours to wrk's, a second", fastest["ours"] / fastest["wrk"], 0.9))
    return [*rows, ("events made anew a CPU second", _made_anew(), 200_000)]


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
