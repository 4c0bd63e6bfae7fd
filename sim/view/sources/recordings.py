"""Recordings: as much of each as can be read, lived through, and two of them side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from badge.errors import InputError
from badge.host.recording_file import RecordingFile
from badge.recording.alignment import Difference, align
from badge.recording.format import Happened, Header, Wrote
from badge.recording.playback import replay
from sim.view.model.events import EventRows, WordList
from sim.view.model.picture import Draft, Mark, picture_of
from sim.view.model.plane import PicturePlane
from sim.view.model.retold import Retold, retell_into
from sim.view.model.sides import sides_of
from sim.view.model.words import moment, why_in_words
from sim.view.sources.lived import fate_of
from sim.view.sources.opened import Opened


@dataclass(slots=True)
class Recorded:
    """What could be read of a recording; `broken` says where it ends too soon, and why."""

    path: Path
    header: Header
    lines: list[Happened | Wrote] = field(default_factory=list)
    broken: str | None = None

    @property
    def wrote(self) -> list[Wrote]:
        """The events that it says were logged."""
        return [line for line in self.lines if isinstance(line, Wrote)]


def read_recording(path: Path) -> Recorded:
    """Read a recording up to its end or its first broken line; `InputError` if it is none."""
    with RecordingFile(path) as file:
        found = Recorded(path, file.header)
        try:
            found.lines.extend(file)
        except InputError as error:
            found.broken = f"{error}; what is before it is shown"
    return found


@dataclass(slots=True)
class _Side:
    name: str
    wrote: Sequence[Wrote]
    told: Retold


def open_recordings(paths: Sequence[Path]) -> Opened:
    """Make the picture of one recording (as it was and as it is now), or of two side by side."""
    recorded = [read_recording(path) for path in paths]
    ground, tags = PicturePlane(), WordList()
    rows = EventRows(ground, tags=tags)
    draft = Draft(_title(recorded), rows)
    draft.notes += [one.broken for one in recorded if one.broken]
    sides = [
        _retold(draft, one, name) for one, name in zip(recorded, _names(recorded), strict=True)
    ]
    if len(sides) == 1:
        now = _as_it_is_now(draft, recorded[0], sides[0])
        compared = (sides[0], now)
    else:
        compared = (sides[0], sides[1])
    found = align(compared[0].wrote, compared[1].wrote)
    if len(sides) == 1 and found:
        _retold(draft, recorded[0], compared[1].name)
        sides.append(compared[1])
    details: list[dict[str, Any]] = []
    draft.sides = (compared[0].name, compared[1].name)
    marked = _marked(draft, found, compared)
    for place, side in enumerate(sides):
        for line in side.wrote:
            _add(draft, details, side, line, marked.get((place, id(line))))
    draft.facts["differences"] = len(found)
    draft.has_utc = all(side.told.offset_ms is not None for side in sides)
    if not draft.has_utc:
        draft.notes.append("the badge never learnt UTC: times count from the recording's start")
    told = {side.name: side.told for side in sides}
    return Opened(picture_of(draft), lambda at: details[at], told.get)


def _title(recorded: Sequence[Recorded]) -> str:
    return " and ".join(one.path.name for one in recorded)


def _names(recorded: Sequence[Recorded]) -> list[str]:
    """Name the sides by their badges, and by their files where the badges are the same."""
    ids = [one.header.config.device_id for one in recorded]
    if len(set(ids)) == len(ids):
        return ids
    files = [one.path.name for one in recorded]
    if len(set(files)) == len(files):
        return [f"{badge} {name}" for badge, name in zip(ids, files, strict=True)]
    return [f"{badge} {number}" for number, badge in enumerate(ids, 1)]


def _retold(draft: Draft, one: Recorded, name: str) -> _Side:
    rows = draft.events
    device = rows.devices.place(name)
    told = Retold()
    try:
        told = retell_into(
            draft.lanes, rows.tags, device, one.header, one.lines, str(one.path), draft.tag_names
        )
        draft.traced.add(device)
        draft.rejected += told.causes.rejected
    except InputError as error:
        draft.notes.append(f"{error}; lanes are told by its events alone")
    draft.facts.setdefault("threshold_dbm", one.header.config.ble_rssi_threshold)
    return _Side(name, one.wrote, told)


def _as_it_is_now(draft: Draft, one: Recorded, before: _Side) -> _Side:
    """Replay: what the badge logs today."""
    try:
        logged = list(replay(one.header, iter(one.lines), str(one.path)))
    except InputError:
        return before
    return _Side(f"{before.name} now", logged, before.told)


def _marked(
    draft: Draft, found: Sequence[Difference], compared: tuple[_Side, _Side]
) -> Mapping[tuple[int, int], tuple[str, Mapping[str, Any]]]:
    """Mark the differences, and give the words for each line that is part of one."""
    words: dict[tuple[int, int], tuple[str, Mapping[str, Any]]] = {}
    for one in found:
        text = one.text()
        both = sides_of(
            *(
                None if line is None else (moment(line.ms, on.told.offset_ms), line.event)
                for on, line in zip(compared, (one.wanted, one.logged), strict=True)
            )
        )
        for place, line in enumerate((one.wanted, one.logged)):
            if line is not None:
                words[place, id(line)] = text, both
        side = int(one.wanted is None)
        line = one.wanted or one.logged
        assert line is not None
        device = draft.events.devices.place(compared[side].name)
        t_ms = compared[side].told.t_ms(line.ms)
        number = float(line.event["sequence_number"])
        other = None
        if one.wanted is not None and one.logged is not None:
            right = draft.events.devices.place(compared[1].name)
            other = right, float(one.logged.event["sequence_number"])
        draft.marks.append(Mark(t_ms, device, "difference", text, number, both, other))
    return words


def _add(
    draft: Draft,
    details: list[dict[str, Any]],
    side: _Side,
    line: Wrote,
    difference: tuple[str, Mapping[str, Any]] | None,
) -> None:
    number = line.event["sequence_number"]
    causes = side.told.causes
    why = causes.by_number.get(number)
    document: dict[str, Any] = {"event": line.event, "ms": line.ms, "why": why}
    document["why_words"] = why_in_words(why, side.told.offset_ms)
    if difference is not None:
        document["difference"], document["sides"] = difference
    fate = fate_of(side.told, number)
    # A recording's own clock is finer than the event's, which has whole seconds.
    ms = line.ms if why is None else why["ms"]
    draft.events.add(line.event, len(details), side.told.t_ms(ms), fate, side.name)
    details.append(document)
