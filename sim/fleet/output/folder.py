"""A run's folder: parts put together in order, truth as JSON and Parquet, all or nothing."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from badge.errors import InputError
from badge.host.files import named_file, write_whole
from badge.host.log import LOG
from badge.host.systems import lock, rename
from sim.fleet.output.parquet import facts_of, write_parquet, write_table
from sim.fleet.output.part_files import DONE, OWN, REACHED, SHARED, joined
from sim.fleet.output.parts import FAULTS, BadgeResult, saved_results
from sim.fleet.upload.kept_answers import request_log
from sim.fleet.upload.keys import FILE as KEYS
from sim.fleet.upload.keys import NEW as NEW_KEYS
from sim.fleet.upload.keys import keep_key, keep_keys

PARTS, ANSWERS, PLATFORMS = "parts", "answers", "platforms"
REQUESTS, LOG_FILE = "requests.ndjson", "log.ndjson"
STATE, PLAN, LOCK = "resume", "asked.json", "lock"
SITE = "site.json"
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
    """Where a run is written: under a hidden name, which becomes the real one at the end.

    `resumed` is the folder of a run that was cut short, or killed, and now goes on; it is the
    same folder under each of its names.  `cut` is its name if it is cut short again.  A lock
    tells a run that goes on from one that was killed: it ends with its process.
    """

    def __init__(self, path: Path, resumed: Path | None = None) -> None:
        self.path, self._resumed = path, resumed
        if not path.name:  # "." or the root
            raise InputError(f"{path} exists; name another folder with --out")
        self.cut = path.with_name(f"{path.name}.interrupted")
        self._building = path.with_name(f".{path.name}.running")
        for taken in (self.cut, self._building):
            if taken.exists() and not (resumed and taken.samefile(resumed)):
                self._refuse(taken)
        if path.exists():
            raise InputError(f"{path} exists; name another folder with --out, or remove it")
        self._state = self._building / STATE
        self._whole = False
        self._lock: BinaryIO | None = None
        self.parts, self.answers = self._state / PARTS, self._state / ANSWERS
        self.platforms = self._building / PLATFORMS

    def _refuse(self, taken: Path) -> None:
        """Say why there is a folder: InputError."""
        _locked(taken).close()  # InputError while its run goes on
        raise InputError(
            f"{taken} exists; badge simulate --resume {taken} goes on with it, "
            "or name another folder with --out"
        )

    def __enter__(self) -> RunFolder:
        if self._resumed is None:
            # Others may not read what is kept to go on: a URL with its password, keys.
            self._state.mkdir(0o700, parents=True)
            self._lock = _locked(self._building)
        else:
            self._lock = _locked(self._resumed)
            self._rename(self._resumed, self._building)
            self._drop_unfinished()
        self.parts.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._building.exists():
            if self.can_go_on:
                self.cut_short()
            else:
                shutil.rmtree(self._building, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()

    def _drop_unfinished(self) -> None:
        """Keep the rows of the badges that were done; the others live once more."""
        self._drop_outputs()
        results = saved_results(self.parts)
        ends = {
            f"{stem}{suffix}": end
            for stem, bounds in (result.place for result in results.values())
            for suffix, end in zip(SHARED, bounds[1::2], strict=True)
        }  # of a file the last one counts: its badges have lived in this order
        kept = {stem for stem, _ in (result.place for result in results.values())}
        own = {f"{index:06d}{suffix}" for index in results for suffix in OWN}
        for part in self.parts.glob("*"):
            if part.name in ends:
                os.truncate(part, ends[part.name])
            elif not (
                part.suffix == REACHED
                or part.name in own
                or (part.suffix == DONE and part.stem in kept)
            ):
                part.unlink()

    def _drop_outputs(self) -> None:
        for path in self._building.iterdir():
            if path.is_dir() and path != self._state:
                shutil.rmtree(path)
            elif path.is_file() and path.name not in (KEYS, NEW_KEYS, LOG_FILE):
                path.unlink()

    @property
    def log(self) -> Path:
        """Where the log is; as the keys, it stays through every cut, and goes on."""
        return self._building / LOG_FILE

    @property
    def reached_ms(self) -> int:
        """How far a run with a speed has got before it was killed; 0 if nobody knows."""
        told = [_whole_number(path) for path in self.parts.glob(f"*{REACHED}")]
        return min(told, default=0)

    def keep(self, plan: str, keys: dict[str, str]) -> None:
        """Write what is needed to go on: the plan as `--resume` reads it, and the badges' keys."""
        write_whole(self._state / PLAN, plan.encode(), durable=False)
        if keys:
            keep_keys(self._building / KEYS, keys)

    def keep_key(self, device_id: str, key: str) -> None:
        """Keep a key that has just come; `keep` puts it to the others."""
        keep_key(self._building, device_id, key)

    def keep_site(self, site: Mapping[str, Any]) -> None:
        """Write the site as it is drawn, for whoever looks at the run while it goes on."""
        _write(self._state / SITE, json.dumps(site, separators=(",", ":")) + "\n")

    @property
    def kept_bytes(self) -> int:
        """How much a run that goes on has written before: it needs no room for that any more."""
        if self._resumed is None:
            return 0
        return sum(part.stat().st_size for part in (self._resumed / STATE / PARTS).glob("*"))

    @property
    def can_go_on(self) -> bool:
        """Whether something would be lost: keys, answers, badges that are done, time waited for."""
        kept = [*self.answers.glob("*"), *self.parts.glob(f"*{DONE}")]
        kept += self.parts.glob(f"*{REACHED}")
        keys = (self._building / name for name in (KEYS, NEW_KEYS))
        return bool(self._resumed or kept) or any(one.exists() for one in keys)

    def cut_short(self) -> Path:
        """Give what is there the name of a run that can go on, and remove what is half-written."""
        self._drop_outputs()
        return self._rename(self._building, self.cut)

    def complete(
        self,
        document: dict[str, Any],
        results: Sequence[BadgeResult],
        *,
        split: bool,
        batches: bool,
        more: Callable[[Path, Mapping[str, str]], dict[str, Any]] = lambda truth, facts: {},
    ) -> tuple[Path, dict[str, Any]]:
        """Put all parts together and give the folder its name; one cut short is `….interrupted`.

        `document` is what run.json says; `more` writes what else is true into truth/, with the
        run's facts, and gives what run.json says of it.  A site that is kept is among it.
        """
        self._whole = whole = bool(document["complete"])
        truth, facts = self._building / "truth", facts_of(document)
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
            write_table(truth / f"{name}.parquet", rows, columns, facts)
        if FAULTS in document["counts"]:
            rows = [row for result in results for row in result.tables.get(FAULTS, ())]
            _write_list(truth / f"{FAULTS}.json", rows)
        document |= more(truth, facts)
        _write(truth / "run.json", json.dumps(document, indent=2) + "\n")
        if (self._state / SITE).exists():
            _write(truth / SITE, (self._state / SITE).read_text("utf-8"))
        if self.answers.exists():
            with named_file(self._building / REQUESTS) as file:
                file.writelines(request_log(self.answers))
        write_parquet(truth / "events.ndjson", self._building, facts)
        if not whole:
            return self._rename(self._building, self.cut), document
        # Its name first: a run that is killed in between is whole, and nobody need look for it.
        self._rename(self._building, self.path)
        shutil.rmtree(self.path / STATE)
        return self.path, document

    def _rename(self, folder: Path, to: Path) -> Path:
        with LOG.moving(folder, to):
            return rename(folder, to, self._lock)

    def _join(self, results: Iterable[BadgeResult], suffix: str, path: Path) -> None:
        found = (result.region(self.parts, suffix) for result in results)
        regions = list(joined(one for one in found if one is not None))
        last = {one.path: number for number, one in enumerate(regions)}
        for number, one in enumerate(regions):
            if number == 0 and self._whole and last[one.path] == 0 and one.is_whole:
                one.path.with_suffix(DONE).unlink(missing_ok=True)
                one.path.rename(path)  # there is nothing else in it
                continue
            with named_file(path, "ab") as whole:
                one.copy_to(whole)
            if last[one.path] == number:
                self._release(one.path)
        path.touch()

    def _place(self, results: Iterable[BadgeResult], suffix: str, folder: Path) -> None:
        folder.mkdir()
        found = [(result.device_id, result.region(self.parts, suffix)) for result in results]
        regions = [(name, one) for name, one in found if one is not None]
        last = {one.path: number for number, (_, one) in enumerate(regions)}
        for number, (name, one) in enumerate(regions):
            with named_file(folder / f"{name}.ndjson") as file:
                one.copy_to(file)
            if last[one.path] == number:
                self._release(one.path)

    def _release(self, part: Path) -> None:
        """Make room, unless its badges are done and another run may go on from it."""
        done = part.with_suffix(DONE)
        if self._whole:
            done.unlink(missing_ok=True)  # first: should the disk fill now, they are not done
        if not done.exists():
            part.unlink()


def _write_list(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    _write(path, f"[\n{lines}\n]\n" if rows else "[]\n")


def _write(path: Path, text: str) -> None:
    with named_file(path) as file:
        file.write(text.encode())


def _locked(folder: Path) -> BinaryIO:
    """Take a run for this process alone, until the file is closed; InputError if another has it."""
    try:
        file = (folder / STATE / LOCK).open("ab")
    except FileNotFoundError:
        raise InputError(f"{folder}: no run that can go on; remove it") from None
    try:
        lock(file)
    except BlockingIOError:
        file.close()
        raise InputError(f"{folder}: this run goes on in another process; wait for it") from None
    return file


def _whole_number(path: Path) -> int:
    text = path.read_text("ascii", errors="replace")
    return int(text) if text.isdecimal() else 0
