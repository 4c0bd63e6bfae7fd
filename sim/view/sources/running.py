"""A run in progress: what its badges have settled so far, read from the parts as they grow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from badge.contract.documents import parse
from badge.errors import InputError
from sim.view.model.events import EventRows, Fate
from sim.view.model.picture import Draft
from sim.view.model.plane import PicturePlane
from sim.view.sources.opened import line_at, lines_with_places

PARTS = "resume/parts"
OFFSET_BITS = 36  # where an event lies: the number of its part, then the offset in it


def running_in(path: Path) -> Path | None:
    """Give the folder of a run in progress: it is hidden under its name until it is whole."""
    for folder in (path, path.with_name(f".{path.name}.running")):
        if (folder / PARTS).is_dir():
            return folder
    return None


class RunningRun:
    """The parts of a run, each read on from where it was read to."""

    def __init__(self, folder: Path) -> None:
        self.rows = EventRows(PicturePlane())
        self._folder = folder
        self._parts: list[Path] = []
        self._next: dict[Path, int] = {}

    def read(self) -> int:
        """Read what is new; gives how many events."""
        before = self.rows.count
        for path in sorted((self._folder / PARTS).glob("*.truth")):
            if path not in self._next:
                self._next[path] = 0
                self._parts.append(path)
        for number, path in enumerate(self._parts):
            try:
                if path.stat().st_size > self._next[path]:
                    self._read_part(number, path)
            except FileNotFoundError:  # the run has just become whole
                continue
        return self.rows.count - before

    def _read_part(self, number: int, path: Path) -> None:
        for offset, line in lines_with_places(path, start=self._next[path]):
            if not line.endswith(b"\n"):
                break
            self._next[path] = offset + len(line)
            row = _row(line, path)
            word = "delivered" if row["delivered"] else str(row["undelivered_why"])
            fate = Fate(word, true_lat=row["true_lat"], true_lon=row["true_lon"])
            self.rows.add(row, number << OFFSET_BITS | offset, fate=fate)

    def details(self, at: int) -> dict[str, Any]:
        """Give all there is about an event."""
        number, offset = at >> OFFSET_BITS, at & ((1 << OFFSET_BITS) - 1)
        path = self._parts[number]
        row = _row(line_at(path, offset), path)
        return {"event": row}

    def draft(self) -> Draft:
        """Give what has been read."""
        draft = Draft(self._folder.name.strip("."), self.rows)
        draft.notes.append("the run goes on: an event is here when its fate is settled")
        return draft


def _row(line: bytes, path: Path) -> dict[str, Any]:
    row = parse(line, str(path))
    try:
        row["payload"] = parse(row["payload"].encode(), str(path))
        if row.keys() >= {"delivered", "undelivered_why", "true_lat", "true_lon"}:
            return dict(row)
    except (TypeError, KeyError, AttributeError):
        pass
    raise InputError(f"{path}: no part of a run of this version")
