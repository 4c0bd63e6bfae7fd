"""A run's folder: parts put together in order, truth as JSON and Parquet, all or nothing."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from badge.errors import InputError
from sim.run.job import Job
from sim.run.parquet import write_parquet
from sim.run.parts import Outcome

PARTS = "parts"
TABLES = ("shifts", "visits", "sessions", "presence")
FATES = ("queued", "overflowed", "quarantined", "battery")


class RunFolder:
    """Where a run is written: under a temporary name, which becomes the real one at the end."""

    def __init__(self, path: Path) -> None:
        if path.exists():
            raise InputError(f"{path} exists; name another folder with --out, or remove it")
        self.path = path
        self._building = path.with_name(f".{path.name}.{os.getpid()}")
        self.parts = self._building / PARTS

    def __enter__(self) -> RunFolder:
        self.parts.mkdir(parents=True)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._building, ignore_errors=True)

    def complete(
        self, job: Job, outcomes: Sequence[Outcome], *, split: bool, whole: bool
    ) -> tuple[Path, dict[str, Any]]:
        """Put all parts together and give the folder its name; one cut short is `….interrupted`."""
        truth = self._building / "truth"
        truth.mkdir()
        self._join(outcomes, ".truth", truth / "events.ndjson")
        if split:
            self._move_events(outcomes)
        else:
            self._join(outcomes, ".events", self._building / "events.ndjson")
        for name in TABLES:
            rows = [row for outcome in outcomes for row in outcome.tables[name]]
            _write_list(truth / f"{name}.json", rows)
        document = run_document(job, outcomes, whole=whole)
        (truth / "run.json").write_text(json.dumps(document, indent=2) + "\n", "utf-8")
        write_parquet(truth / "events.ndjson", self._building)
        shutil.rmtree(self.parts)
        path = self.path if whole else self.path.with_name(f"{self.path.name}.interrupted")
        if path != self.path:
            shutil.rmtree(path, ignore_errors=True)
        self._building.rename(path)
        return path, document

    def _join(self, outcomes: Iterable[Outcome], suffix: str, path: Path) -> None:
        with path.open("wb") as whole:
            for outcome in outcomes:
                part = self.parts / f"{outcome.index:06d}{suffix}"
                if part.exists():
                    with part.open("rb") as file:
                        shutil.copyfileobj(file, whole)
                    part.unlink()

    def _move_events(self, outcomes: Iterable[Outcome]) -> None:
        folder = self._building / "events"
        folder.mkdir()
        for outcome in outcomes:
            part = self.parts / f"{outcome.index:06d}.events"
            if part.exists():
                part.rename(folder / f"{outcome.device_id}.ndjson")


def run_document(job: Job, outcomes: Sequence[Outcome], *, whole: bool) -> dict[str, Any]:
    """Give what run.json says: nothing in it depends on speed, processes or the server's time."""
    events = sum((outcome.events for outcome in outcomes), Counter[str]())
    fates = sum((outcome.fates for outcome in outcomes), Counter[str]())
    counts: dict[str, Any] = {
        "badges": len(outcomes),
        "events": events.total(),
        "delivered": fates["delivered"],
        "undelivered": {why: fates[why] for why in FATES},
        "by_type": dict(sorted(events.items())),
    }
    counts |= {name: sum(len(one.tables[name]) for one in outcomes) for name in TABLES}
    return {
        "scenario": job.told.scenario.scenario,
        "run_id": job.run_id,
        "seed": job.asked.seed,
        "start": job.asked.start,
        "hours": job.asked.hours,
        "complete": whole,
        "counts": counts,
        "devices": [outcome.device_id for outcome in outcomes],
    }


def _write_list(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text(f"[\n{lines}\n]\n" if rows else "[]\n", "utf-8")
