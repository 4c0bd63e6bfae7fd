"""Both engines on the same scenario, equal in every file: `python -m …judge FIRST COUNT`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sim.fleet.job import Engine, Job
from sim.fleet.output.folder import RunFolder
from sim.fleet.parallel import run_job
from sim.fleet.run import run_document
from sim.scenario.language.read import ScenarioFile, parse_scenario
from sim.scenario.plan.parameters import Parameters
from sim.scenario.plan.slots import slots_of
from tests.sim.fleet.columnar.random_scenarios import random_scenario


def lived(
    story: ScenarioFile, what: Parameters, path: Path, engine: Engine, processes: int = 1
) -> dict[str, float]:
    """Run a scenario into a folder, batches too; return the figures of the run."""
    with RunFolder(path) as folder:
        job = Job(story, what, folder.parts, batches=True, engine=engine)
        finished = run_job(job, processes, lambda progress: None)
        document = run_document(job, finished.results, whole=True)
        folder.complete(document, finished.results, split=False, batches=True)
    return finished.figures


def differences(one: Path, other: Path) -> list[str]:
    """Name the files of two folders that are not the same bytes."""
    names = sorted(
        {str(p.relative_to(d)) for d in (one, other) for p in d.rglob("*")} - {"log.ndjson"}
    )
    return [name for name in names if not _same(one / name, other / name)]


def _same(one: Path, other: Path) -> bool:
    if one.is_dir() and other.is_dir():
        return True
    return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()


def parameters_of(story: ScenarioFile, **changes: float) -> Parameters:
    """Give a scenario's own parameters, or others."""
    scenario = story.scenario
    own = Parameters(len(slots_of(story)), scenario.hours, scenario.seed, scenario.start)
    return replace(own, **changes)


def judged(story: ScenarioFile, folder: Path, **changes: float) -> list[str]:
    """Run both engines; name the files that differ, and the badges that had to fall back."""
    what = parameters_of(story, **changes)
    lived(story, what, folder / "python", "python")
    figures = lived(story, what, folder / "columnar", "columnar")
    found = differences(folder / "python", folder / "columnar")
    if figures.get("python_badges"):
        found.append(f"{figures['python_badges']:.0f} badges fell back")
    return found


def campaign(numbers: Iterator[int] | range) -> int:
    """Judge random scenarios, say which differ, and return how many."""
    bad = 0
    for number in numbers:
        text = random_scenario(number)
        with tempfile.TemporaryDirectory() as folder:
            story = parse_scenario(text.encode(), f"random-{number}.yaml", Path(folder))
            found = judged(story, Path(folder))
        if found:
            bad += 1
            print(f"{number}: {', '.join(found)}", flush=True)
    return bad


if __name__ == "__main__":
    start = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    print(f"{campaign(range(start, start + count))} of {count} differ")
