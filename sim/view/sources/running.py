"""A run in progress: what its badges have settled so far, its site, and their recordings so far."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from badge.contract.documents import parse
from badge.errors import InputError
from badge.host.documents import read_json
from badge.host.systems import lock
from badge.recording.format import Happened, Wrote
from sim.view.model.events import EventRows, Fate
from sim.view.model.lanes import LaneRows
from sim.view.model.picture import Draft
from sim.view.model.plane import PicturePlane
from sim.view.model.retold import Retold, Telling, offset_of
from sim.view.model.words import why_in_words
from sim.view.sources.growing import LINES_AT_ONCE, RecordedSteps
from sim.view.sources.opened import Opened, Settled, line_at, lines_with_places
from sim.view.sources.run_folder import RECORDINGS_MAX, draw_site, open_run

STATE = "resume"
PARTS = f"{STATE}/parts"
OFFSET_BITS = 36  # where an event lies: the number of its part, then the offset in it
GOES_ON = "the run goes on: an event is here when its fate is settled"


def running_in(path: Path) -> Path | None:
    """Give the folder of a run in progress: it is hidden under its name until it is whole."""
    whole = path if path.name else path.absolute()  # "." has no name, and / has none at all
    hidden = [whole.with_name(f".{whole.name}.running")] if whole.name else []
    for folder in (path, *hidden):
        if (folder / PARTS).is_dir() and not (folder / "truth" / "run.json").is_file():
            return folder
    return None


class RunningRun:
    """The parts of a run, and the recordings of its badges, each read on from where it was."""

    generation = 0

    def __init__(self, folder: Path, recordings: Path | None = None) -> None:
        self.rows = EventRows(PicturePlane())
        self._folder, self._recordings = folder, recordings or _recordings_of(folder)
        self._parts: list[Path] = []
        self._next: dict[Path, int] = {}
        self._lanes = LaneRows()
        self._told: dict[str, _RecordedBadge] = {}
        self._plan = Draft(_name_of(folder), self.rows)
        self._plan.notes.append(GOES_ON if _is_written(folder) else _killed(folder))
        site = _document(folder / STATE / "site.json")
        if site is not None:
            draw_site(self._plan, site)

    def read(self) -> int:
        """Read what is new; gives how many events and lines of recordings."""
        before = self.rows.count
        lines = self._read_recordings()
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
        return self.rows.count - before + lines

    def _read_recordings(self) -> int:
        if self._recordings is None:
            return 0
        for path in sorted(self._recordings.glob(".ACT-*.ndjson")):
            name = path.stem.removeprefix(".")
            if name not in self._told and len(self._told) < RECORDINGS_MAX:
                self._told[name] = _RecordedBadge(path)
        lines = 0
        for name, one in self._told.items():
            place = self.rows.devices.place(name)
            telling = Telling(self._lanes, self.rows.tags, place, self._plan.tag_names)
            lines += one.read(max(1, LINES_AT_ONCE // len(self._told)), telling)
            if one.telling is not None:
                self._plan.traced.add(place)
        return lines

    def _read_part(self, number: int, path: Path) -> None:
        for offset, line, end in lines_with_places(path, start=self._next[path]):
            if not line.endswith(b"\n"):
                break
            self._next[path] = end
            row = _row(line, path)
            word = "delivered" if row["delivered"] else str(row["undelivered_why"])
            fate = Fate(word, true_lat=row["true_lat"], true_lon=row["true_lon"])
            self.rows.add(row, number << OFFSET_BITS | offset, fate=fate)

    def settled(self) -> list[Settled]:
        """Nothing: what is here is settled."""
        return []

    def details(self, at: int) -> dict[str, Any]:
        """Give all there is about an event."""
        number, offset = at >> OFFSET_BITS, at & ((1 << OFFSET_BITS) - 1)
        path = self._parts[number]
        row = _row(line_at(path, offset), path)
        told = self.retold(str(row["device_id"]))
        if told is None:
            return {"event": row}
        why = told.causes.by_number.get(row["sequence_number"])
        return {"event": row, "why": why, "why_words": why_in_words(why, told.offset_ms)}

    def retold(self, device: str) -> Retold | None:
        """Give what the recording of a badge tells so far."""
        one = self._told.get(device)
        return None if one is None or one.telling is None else one.telling.told

    def draft(self) -> Draft:
        """Give what has been read."""
        plan, draft = self._plan, Draft(self._plan.title, self.rows)
        draft.lanes, draft.site, draft.facts = self._lanes.copy(), plan.site, dict(plan.facts)
        draft.notes, draft.tag_names = list(plan.notes), dict(plan.tag_names)
        draft.traced = set(plan.traced)
        tellings = [one.telling for one in self._told.values() if one.telling is not None]
        told = [telling.told for telling in tellings]
        now_ms = max((one.t_ms(one.end_ms) for one in told), default=0.0)
        for telling in tellings:
            telling.draw_open(draft.lanes, now_ms)
            draft.rejected += telling.told.causes.rejected
        return draft

    def whole(self) -> Opened | None:
        """Give the run when it has come to its end, or was cut short."""
        if self._folder.exists():
            return None
        path = self._folder.with_name(_name_of(self._folder))
        for found in (path, path.with_name(f"{path.name}.interrupted")):
            if found.is_dir():
                return open_run(found, self._recordings)
        return None


class _RecordedBadge:
    """The recording of a badge of the run; it is told when its clock is known."""

    def __init__(self, path: Path) -> None:
        self._steps = RecordedSteps(path)
        self._held: list[Happened | Wrote] = []
        self.telling: Telling | None = None

    def read(self, most: int, fresh: Telling) -> int:
        """Tell what is new, to `fresh` if nothing was told before; gives how many lines."""
        tail = self._steps.tail
        try:
            lines = tail.read(most)
        except FileNotFoundError:  # it is whole, and has its name
            tail.path = tail.path.with_name(tail.path.name.removeprefix("."))
            return 0
        if self.telling is None:
            self._held += lines
            offset_ms = offset_of(self._held)
            if offset_ms is None:
                return len(lines)
            self.telling, lines, self._held = fresh, self._held, []
            fresh.told.offset_ms = offset_ms
        self._steps.tell(lines, self.telling)
        return len(lines)


def _name_of(folder: Path) -> str:
    return folder.name.removeprefix(".").removesuffix(".running")


def _recordings_of(folder: Path) -> Path | None:
    """Give where the run keeps the recordings of its badges, as its plan says."""
    plan = _document(folder / STATE / "asked.json")
    record = None if plan is None else plan.get("record")
    return Path(record) if isinstance(record, str) else None


def _document(path: Path) -> dict[str, Any] | None:
    try:
        found = read_json(path)
    except (OSError, InputError):
        return None
    return found if isinstance(found, dict) else None


def _is_written(folder: Path) -> bool:
    """Tell whether a process still has the run: its lock ends with it."""
    try:
        with (folder / STATE / "lock").open("ab") as file:
            lock(file)
    except OSError:  # another has it; or nobody can say
        return True
    return False


def _killed(folder: Path) -> str:
    return (
        f"no process goes on with this run: badge simulate --resume {folder} does; "
        "what it had done is shown"
    )


def _row(line: bytes, path: Path) -> dict[str, Any]:
    row = parse(line, str(path))
    try:
        row["payload"] = parse(row["payload"].encode(), str(path))
        if row.keys() >= {"delivered", "undelivered_why", "true_lat", "true_lon"}:
            return dict(row)
    except (TypeError, KeyError, AttributeError):
        pass
    raise InputError(f"{path}: no part of a run of this version")
