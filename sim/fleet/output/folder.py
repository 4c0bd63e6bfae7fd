"""A run's folder: parts put together in order, truth as JSON and Parquet, all or nothing."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from badge.errors import InputError
from sim.fleet.output.parquet import write_parquet, write_table
from sim.fleet.output.parts import BadgeResult
from sim.fleet.upload.keys import FILE as KEYS
from sim.fleet.upload.keys import keep_keys

PARTS, ANSWERS, PLATFORMS = "parts", "answers", "platforms"
STATE, PLAN = "resume", "asked.json"
_VISIT = {
    "device_id": "text",
    "worker_id": "text",
    "parcel_id": "text",
    "start": "time",
    "end": "time",
}
TABLES = {
    "shifts": {
        "device_id": "text",
        "worker_id": "text",
        "start": "time",
        "end": "time",
        "end_reason": "text",
        "arrived": "time",
        "left": "time",
    },
    "visits": _VISIT,
    "sessions": _VISIT,
    "presence": {
        "device_id": "text",
        "worker_id": "text",
        "tag_mac": "text",
        "start": "time",
        "end": "time",
        "nearest_m": "float",
    },
}


class RunFolder:
    """Where a run is written: under a temporary name, which becomes the real one at the end.

    `resumed` is the folder of a run that was cut short and now goes on.  `cut` is the name that
    this one gets if it is cut short itself.
    """

    def __init__(self, path: Path, resumed: Path | None = None) -> None:
        self.path, self._resumed = path, resumed
        self.cut = path.with_name(f"{path.name}.interrupted")
        if path.exists():
            raise InputError(f"{path} exists; name another folder with --out, or remove it")
        if self.cut.exists() and self.cut != resumed:
            raise InputError(
                f"{self.cut} exists; badge simulate --resume {self.cut} goes on with it, "
                "or name another folder with --out"
            )
        self._building = path.with_name(f".{path.name}.{os.getpid()}")
        self._state = self._building / STATE
        self._whole = False
        self.parts, self.answers = self._state / PARTS, self._state / ANSWERS
        self.platforms = self._building / PLATFORMS

    def __enter__(self) -> RunFolder:
        self._building.mkdir(parents=True)
        if self._resumed is not None:
            shutil.copytree(self._resumed / STATE, self._state)
            self._drop_unfinished()
        self.parts.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._building, ignore_errors=True)

    def _drop_unfinished(self) -> None:
        """Keep the parts of the badges that were done; the others live once more."""
        for part in self.parts.glob("*"):
            if not part.with_suffix(".outcome").exists():
                part.unlink()

    def keep(self, plan: str, keys: dict[str, str]) -> None:
        """Write what is needed to go on: the plan as `--resume` reads it, and the badges' keys."""
        (self._state / PLAN).write_text(plan, "utf-8")
        if keys:
            keep_keys(self._building / KEYS, keys)

    @property
    def can_go_on(self) -> bool:
        """Whether something is there that would be lost: keys, answers, badges that are done."""
        kept = [*self.answers.glob("*"), *self.parts.glob("*.outcome")]
        return (self._building / KEYS).exists() or bool(kept)

    def cut_short(self) -> Path:
        """Give what is there the name of a run that can go on, and remove what is half-written."""
        for path in self._building.iterdir():
            if path.is_file() and path.name != KEYS:
                path.unlink()
            elif path.is_dir() and path != self._state:
                shutil.rmtree(path)
        return self._rename(self.cut)

    def _rename(self, path: Path) -> Path:
        """Take the name; the run that was resumed has ended with that."""
        old = self._building.with_name(f"{self._building.name}.old")
        if self._resumed is not None:
            self._resumed.rename(old)
        self._building.rename(path)
        shutil.rmtree(old, ignore_errors=True)
        return path

    def complete(
        self,
        document: dict[str, Any],
        results: Sequence[BadgeResult],
        *,
        split: bool,
        batches: bool,
        more: Callable[[Path], dict[str, Any]] = lambda truth: {},
    ) -> tuple[Path, dict[str, Any]]:
        """Put all parts together and give the folder its name; one cut short is `….interrupted`.

        `document` is what run.json says; `more` writes what else is true into truth/, and gives
        what run.json says of it.
        """
        self._whole = whole = bool(document["complete"])
        truth = self._building / "truth"
        truth.mkdir()
        self._join(results, ".truth", truth / "events.ndjson")
        for name in ("events", "batches") if batches else ("events",):
            if split:
                self._place(results, f".{name}", self._building / name)
            else:
                self._join(results, f".{name}", self._building / f"{name}.ndjson")
        for name, columns in TABLES.items():
            rows = [row for result in results for row in result.tables[name]]
            _write_list(truth / f"{name}.json", rows)
            write_table(truth / f"{name}.parquet", rows, columns)
        document |= more(truth)
        (truth / "run.json").write_text(json.dumps(document, indent=2) + "\n", "utf-8")
        write_parquet(truth / "events.ndjson", self._building)
        if whole:
            shutil.rmtree(self._state)
        return self._rename(self.path if whole else self.cut), document

    def _join(self, results: Iterable[BadgeResult], suffix: str, path: Path) -> None:
        with path.open("wb") as whole:
            for result in results:
                part = self.parts / f"{result.index:06d}{suffix}"
                if part.exists():
                    with part.open("rb") as file:
                        shutil.copyfileobj(file, whole)
                    self._release(part)

    def _place(self, results: Iterable[BadgeResult], suffix: str, folder: Path) -> None:
        folder.mkdir()
        for result in results:
            part = self.parts / f"{result.index:06d}{suffix}"
            if part.exists():
                shutil.copyfile(part, folder / f"{result.device_id}.ndjson")
                self._release(part)

    def _release(self, part: Path) -> None:
        """Make room, unless the badge is done and another run may go on from it."""
        done = part.with_suffix(".outcome")
        if self._whole:
            done.unlink(missing_ok=True)  # first: should the disk fill now, it is not done
        if not done.exists():
            part.unlink()


def _write_list(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text(f"[\n{lines}\n]\n" if rows else "[]\n", "utf-8")
