"""A fleet by columns, in Python, and the loop by hand: `python -m benchmarks fleet`, two minutes.

Each figure is of one core's CPU seconds, with truth, Parquet and batches written.  What is too
large for a benchmark is reckoned from a part of it, and says so.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from badge.errors import InputError
from benchmarks.badge import run_by_hand
from sim.fleet.job import Engine, Job
from sim.fleet.output.folder import RunFolder
from sim.fleet.parallel import run_job
from sim.fleet.run import run_document
from sim.scenario.language.read import ScenarioFile, read_scenario
from sim.scenario.plan.parameters import Parameters
from sim.world.radio import RadioLaw

Ratio = tuple[str, float, float | None]
MONTH_DAYS, MONTH_BADGES = 30, 50
MILLION, IDLE = 1_000_000, 2400


@dataclass(frozen=True, slots=True)
class Lived:
    """A run: its events, its CPU seconds, and the bytes that it has left."""

    events: int
    cpu_s: float
    batches: bytes
    digest: int
    kib: float  # the most memory up to the end of the badges' lives


def live(name: str, badges: int, hours: float, engine: Engine, radio: RadioLaw = "sample") -> Lived:
    """Run some badges of a scenario into a folder."""
    source = with_radio(read_scenario(name), radio)
    what = Parameters(badges, hours, source.scenario.seed, source.scenario.start)
    with tempfile.TemporaryDirectory() as place, RunFolder(Path(place) / "run") as folder:
        begun_s = time.process_time()
        job = Job(source, what, folder.parts, batches=True, engine=engine)
        finished = run_job(job, 1, lambda progress: None)
        kib = most_kib()
        document = run_document(job, finished.results, whole=True)
        path, _ = folder.complete(document, finished.results, split=False, batches=True)
        cpu_s = time.process_time() - begun_s
        batches = (path / "batches.ndjson").read_bytes()
        digest = hash((batches, (path / "truth" / "events.ndjson").read_bytes()))
        return Lived(document["counts"]["events"], cpu_s, batches, digest, kib)


def with_radio(source: ScenarioFile, law: RadioLaw) -> ScenarioFile:
    """Give the scenario with another radio."""
    return replace(source, scenario=source.scenario.model_copy(update={"radio": law}))


def beside(
    name: str, badges: int, hours: float, label: str, goal: float, cycle_goal: float | None = None
) -> list[Ratio]:
    """Measure both engines; InputError if they leave different bytes."""
    live(name, 1, 0.2, "columnar")
    python, columnar = live(name, badges, hours, "python"), live(name, badges, hours, "columnar")
    if python.digest != columnar.digest:
        raise InputError(f"{name}: the two engines have left different bytes")
    by_hand_s, encoding_s = by_hand(columnar)
    by_cycle = live(name, badges, hours, "columnar", "cycle")
    by_hand_too_s, _ = by_hand(by_cycle)
    return [
        (f"{label}: events/s by columns", columnar.events / columnar.cpu_s, goal),
        (f"{label}: events/s in Python", python.events / python.cpu_s, None),
        (f"{label}: by columns, as a ratio to Python", python.cpu_s / columnar.cpu_s, None),
        (f"{label}: by columns, as a ratio to the loop by hand", by_hand_s / columnar.cpu_s, None),
        (f"{label}: as a ratio to orjson on ready dicts", encoding_s / columnar.cpu_s, None),
        (f"{label}: radio: cycle, events/s", by_cycle.events / by_cycle.cpu_s, cycle_goal),
        (
            f"{label}: radio: cycle, as a ratio to the loop by hand",
            by_hand_too_s / by_cycle.cpu_s,
            None if cycle_goal is None else 0.5,
        ),
    ]


def by_hand(lived: Lived) -> tuple[float, float]:
    """Give the CPU seconds of a loop by hand for as many events, and of encoding ready dicts."""
    begun_s = time.process_time()
    run_by_hand(lived.events)
    by_hand_s = time.process_time() - begun_s
    ready = [orjson.loads(line) for line in lived.batches.splitlines()]
    begun_s = time.process_time()
    for batch in ready:
        orjson.dumps(batch)
    return by_hand_s, time.process_time() - begun_s


def ratios() -> list[Ratio]:
    """Measure all; InputError where the core is not built."""
    cpu_s, most = month()  # first: a child's peak is not below its parent's at its start
    live("office-day", 400, 1.0, "columnar")
    before_kib = most_kib()  # the runs below would hide what these take
    idle = live("office-day", IDLE, 1.0, "columnar")
    lived_kib, grown_kib = ((kib - before_kib) / IDLE for kib in (idle.kib, most_kib()))
    rows = beside("morning-of-500", 100, 4.0, "100 of the morning of 500", 100_000, 300_000)
    rows += beside("crew-of-five", 100, 1.0, "100 of the crew of five, an hour", 40_000)
    rows += [
        ("50 badges, 30 days, as a command: CPU s", cpu_s, 30),
        ("the same: the most memory, MB", most, 300),
    ]
    hours = idle.cpu_s / IDLE * MILLION / 3600
    rows += [
        ("KiB that a run grows by a badge that nobody wears", lived_kib, 1),
        ("the same with its files, 4 MiB of which are written at once", grown_kib, None),
        ("badges that nobody wears, badge-hours a second", IDLE / idle.cpu_s, None),
        (f"1,000,000 of them for an hour: CPU hours, of {IDLE:,}", hours, None),
    ]
    return rows


def month() -> tuple[float, float]:
    """Give the CPU seconds and the MB of memory of a month, by the command in a process."""
    line = [
        sys.executable,
        "-m",
        "badge",
        "simulate",
        "crew-of-five",
        "--badges",
        str(MONTH_BADGES),
    ]
    with tempfile.TemporaryDirectory() as place:
        given = ("--hours", str(24 * MONTH_DAYS), "--jobs", "1", "--out", f"{place}/run", "--json")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*line, *given], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
    return spent, after.ru_maxrss * 1024 / 1e6


def most_kib() -> float:
    """Give the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
