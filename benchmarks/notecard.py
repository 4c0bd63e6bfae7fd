"""How fast the virtual Notecard is: `python -m benchmarks notecard`, some ten seconds.

Raw transactions on a pty, and what it adds to a transaction of note-python.
"""

from __future__ import annotations

import os
import tempfile
import time
import tty
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from sim.notecard.protocol.virtual import VirtualNotecard
from sim.notecard.transport.loop import SerialLoop
from sim.notecard.transport.pty import PtyPort
from sim.notecard.transport.realtime import RealtimeNotecard

Ratio = tuple[str, float, float | None]
GOAL_PER_S = 5000
GOAL_P99_MS = 5.0
GOAL_ADDED = 0.05
REQUEST = b'{"req":"note.get","file":"data.qi","crc":"0000:6FD4A5D2"}\n'


def raw_times_s(path: str, count: int = 5000) -> list[float]:
    """Seconds of each transaction of a client that does nothing but write and read lines."""
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(fd)
    taken = []
    for _ in range(count):
        start_s = time.perf_counter()
        os.write(fd, REQUEST)
        while not os.read(fd, 4096).endswith(b"\n"):
            pass
        taken.append(time.perf_counter() - start_s)
    os.close(fd)
    return taken


def note_python_ratio(path: str, lock: str, count: int = 20) -> tuple[float, float]:
    """Median milliseconds a transaction takes beyond the client's own sleeps, and the share."""
    import notecard
    import serial
    from notecard import notecard as client

    slept_s = [0.0]
    real_sleep = time.sleep

    class CountingTime:
        """Stands in for the client's `time` module and adds up what it sleeps."""

        def __getattr__(self, name):
            return getattr(time, name)

        @staticmethod
        def sleep(seconds: float) -> None:
            before_s = time.perf_counter()
            real_sleep(seconds)
            slept_s[0] += time.perf_counter() - before_s

    with serial.Serial(path, 9600) as port:
        card = notecard.OpenSerial(port, lock_path=lock)
        client.time = CountingTime()
        added, shares = [], []
        for _ in range(count):
            slept_s[0], start_s = 0.0, time.perf_counter()
            card.Transaction({"req": "hub.get"})
            total_s = time.perf_counter() - start_s
            added.append((total_s - slept_s[0]) * 1000)
            shares.append((total_s - slept_s[0]) / slept_s[0])
        client.time = time
    return median(added), median(shares)


def ratios() -> Iterator[Ratio]:
    """Measure both, against the goals."""
    with tempfile.TemporaryDirectory() as folder:
        loop = SerialLoop(RealtimeNotecard(VirtualNotecard()), PtyPort(Path(folder) / "card"))
        loop.start()
        runs = [raw_times_s(loop.port.path) for _ in range(3)]
        per_s = median(len(run) / sum(run) for run in runs)
        p99_ms = median(1000 * sorted(run)[len(run) * 99 // 100] for run in runs)
        added_ms, share = note_python_ratio(loop.port.path, str(Path(folder) / "lock"))
        loop.close()
    yield "raw transactions a second on a pty (goal: at least)", per_s, GOAL_PER_S
    yield "ms that 99 of 100 take at most (goal: at most)", p99_ms, GOAL_P99_MS
    yield "added to a transaction of note-python, ms", added_ms, None
    yield "  as a share of what it sleeps (goal: at most)", share, GOAL_ADDED
