"""How fast the reference ingest API is: `python -m benchmarks ingest`.

How long a start takes; how fast it is without HTTP, as a fleet simulator calls it; then a real
`badge serve` on a file (every answer after an fsync) over loopback, 100-event batches, 1 and 50
connections.  The clients share the machine with the server.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from sim.ingest.api.ingest import Ingest, Rules
from sim.ingest.store.sqlite import SqliteStore

EVENTS = 100
SECONDS = 5.0


def batches(device: int) -> Iterator[bytes]:
    """Yield 100-event bodies of one device, numbers going up."""
    head = {
        "device_id": f"ACT-{device:08X}",
        "firmware_version": "0.3.1",
        "event_type": "gps",
        "timestamp_utc": "2026-03-14T06:47:15Z",
        "payload": {"lat": 33.749001, "lon": -84.387982, "accuracy_m": 4.2, "fix_type": "3d"},
    }
    first = 1
    while True:
        numbers = range(first, first + EVENTS)
        yield json.dumps([{**head, "sequence_number": n} for n in numbers]).encode()
        first += EVENTS


def in_memory() -> float:
    """Return requests per second without HTTP."""
    ingest = Ingest(SqliteStore(":memory:"), lambda: 0, Rules(open=True))
    bodies = list(islice(batches(1), 500))
    start = time.perf_counter()
    for body in bodies:
        assert ingest.post_events({}, body).status == 202
    return len(bodies) / (time.perf_counter() - start)


def one_client(address: str, device: int, until: float) -> int:
    """Send batches on one connection until the time is over; return how many."""
    connection = HTTPConnection(address)
    for sent, body in enumerate(batches(device), start=1):
        connection.request("POST", "/api/events", body)
        response = connection.getresponse()
        response.read()
        assert response.status == 202
        if time.perf_counter() > until:
            connection.close()
            return sent
    raise AssertionError


def start_ms() -> float:
    """Return how long `badge serve` takes until it listens: the shortest of five starts."""
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        with serving():
            taken.append(time.perf_counter() - start)
    return min(taken) * 1000


def over_http(connections: int) -> Callable[[str], float]:
    """Return what measures requests per second with that many connections."""

    def measure(address: str) -> float:
        start = time.perf_counter()
        with ThreadPoolExecutor(connections) as pool:
            devices = range(connections * 1000, connections * 1001)
            sent = pool.map(lambda d: one_client(address, d, start + SECONDS), devices)
            return sum(sent) / (time.perf_counter() - start)

    return measure


@contextmanager
def serving() -> Iterator[str]:
    """Run `badge serve --open` on a new file; yield its address."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        command = [sys.executable, "-c", "from badge.cli.main import main; main()", "serve"]
        options = ["--db", f"{folder}/events.db", "--port", "0", "--open", "--json", "--quiet"]
        with subprocess.Popen([*command, *options], stdout=subprocess.PIPE) as server:
            assert server.stdout is not None
            try:
                yield urlsplit(json.loads(server.stdout.readline())["url"]).netloc
            finally:
                server.terminate()


def ratios() -> list[tuple[str, float, float | None]]:
    """Measure start-up, requests and events per second; all depend on the machine."""
    started = ("badge serve: start to listening, ms", start_ms(), None)
    figures = {"in memory, no HTTP": in_memory()}
    with serving() as address:
        for connections in (1, 50):
            figures[f"loopback, {connections} connections"] = over_http(connections)(address)
    return [
        started,
        *(
            (f"{what}: {unit}/s", rate * times, None)
            for what, rate in figures.items()
            for unit, times in (("requests", 1), ("events", EVENTS))
        ),
    ]
