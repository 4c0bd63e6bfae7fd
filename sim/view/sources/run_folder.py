"""A run's folder: its truth, its site, and the recordings of its badges where there are any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from badge.contract.documents import fit, parse
from badge.errors import InputError
from badge.host.documents import read_json
from badge.words import counted
from sim.view.model.columns import Column
from sim.view.model.events import EventRows, Fate
from sim.view.model.picture import Draft, picture_of
from sim.view.model.plane import PicturePlane
from sim.view.model.retold import Retold, retell_into
from sim.view.model.site import SiteDrawing
from sim.view.model.words import why_in_words
from sim.view.sources.kept import digest_of, keep_picture, read_kept
from sim.view.sources.opened import Opened, Tell, line_at, lines_with_places
from sim.view.sources.recordings import read_recording
from sim.view.sources.typed import read_typed, read_typed_lines
from sim.world.site import Plane

SITE_BYTES_MAX = 256 << 20
READ_BYTES = 1 << 24
MANY_BYTES = 8 << 20  # of fewer, each is read by itself, and told by itself if it is broken
RECORDINGS_MAX = 50  # of more, lanes come from the events: a minute of replays would be too long


@dataclass(slots=True)
class Run:
    """A run that is being read."""

    folder: Path
    draft: Draft
    rows: Path
    truth: bool
    recordings: list[Path]
    told: dict[str, Retold] = field(default_factory=dict)
    skipped: int = 0
    first_skipped: str = ""


def is_run(path: Path) -> bool:
    """Tell a run's folder: finished, cut short, or a demo's."""
    return path.is_dir() and _rows_of(path) is not None


def _rows_of(folder: Path) -> tuple[Path, bool] | None:
    for name, truth in (("truth/events.ndjson", True), ("events.ndjson", False)):
        if (folder / name).is_file():
            return folder / name, truth
    return None


def open_run(folder: Path, recordings: Path | None = None, tell: Tell | None = None) -> Opened:
    """Make the picture of a run; `recordings` is where `--record` wrote, beside it unless said.

    It is kept in the folder, and read again as long as the run is the same.
    """
    found = _rows_of(folder)
    if found is None:
        raise InputError(f"{folder}: no run: neither truth/events.ndjson nor events.ndjson in it")
    truth = folder / "truth"
    files = _recordings_of(folder, recordings)
    digest = digest_of([found[0], truth / "run.json", truth / "site.json", *files])
    run = Run(folder, Draft(folder.name, EventRows(PicturePlane())), *found, files)
    picture = read_kept(folder, digest)
    if picture is None:
        _draw(run, _document(truth / "run.json"), _document(truth / "site.json"))
        _retell(run)
        _read(run, tell)
        picture = picture_of(run.draft)
        keep_picture(folder, digest, picture)
    return Opened(picture, lambda at: _details(run, at), lambda device: _told(run, device))


def _recordings_of(folder: Path, recordings: Path | None) -> list[Path]:
    beside = recordings or folder.parent / "recordings"
    if recordings is not None and not recordings.is_dir():
        raise InputError(f"{recordings}: no folder of recordings")
    return sorted([*beside.glob("ACT-*.ndjson"), *beside.glob("ACT-*.cbor")])


def _document(path: Path) -> dict[str, Any] | None:
    try:
        found = read_json(path, SITE_BYTES_MAX)
    except (OSError, InputError):
        return None
    return found if isinstance(found, dict) else None


def _title(folder: Path, facts: Mapping[str, Any] | None) -> str:
    return str(folder.name if facts is None else facts.get("scenario", folder.name))


def _draw(run: Run, facts: Mapping[str, Any] | None, site: dict[str, Any] | None) -> None:
    """Take what the run says of itself, and the site."""
    draft = run.draft
    draft.title = _title(run.folder, facts)
    if site is None:
        draft.notes.append("no truth/site.json: the site is not drawn, only what badges say")
    else:
        draw_site(draft, site)
    if facts is None:
        draft.notes.append("no truth/run.json: the run was cut short, or this is a part of one")
    elif facts.get("complete") is False:
        draft.notes.append("the run was cut short; what it had done is shown")
    if not run.truth:
        draft.notes.append("no truth/events.ndjson: where badges truly were is not shown")


def draw_site(draft: Draft, document: dict[str, Any]) -> None:
    """Take the site of a run; a word where it cannot be drawn."""
    try:
        site = fit(SiteDrawing, document, "site.json")
    except InputError as error:
        draft.notes.append(f"{error}; the site is not drawn")
        return
    draft.site = site.model_dump(mode="json")
    draft.events.ground = PicturePlane(Plane(*site.origin))
    draft.facts["threshold_dbm"] = site.threshold_dbm
    for piece in site.equipment:
        draft.tag_names[piece.mac] = piece.name


def _retell(run: Run) -> None:
    """Live through the recordings of the run's badges, for their lanes and causes."""
    draft, files = run.draft, run.recordings
    if not files:
        draft.notes.append(
            "no recordings beside the run (badge simulate --record DIR makes them): no queue, "
            "uploads, network and battery, and no why"
        )
    if len(files) > RECORDINGS_MAX:
        draft.notes.append(
            f"{len(files)} recordings: the first {RECORDINGS_MAX} are lived through, the lanes of "
            "the others come from their events"
        )
    for path in files[:RECORDINGS_MAX]:
        _retell_one(run, path, draft)


def _retell_one(run: Run, path: Path, draft: Draft) -> None:
    try:
        one = read_recording(path)
        if one.broken:
            draft.notes.append(one.broken)
        name = one.header.config.device_id
        device = draft.events.devices.place(name)
        run.told[name] = retell_into(
            *(draft.lanes, draft.events.tags, device, one.header, one.lines, str(path)),
            draft.tag_names,
        )
        draft.traced.add(device)
        draft.rejected += run.told[name].causes.rejected
        draft.facts.setdefault("threshold_dbm", one.header.config.ble_rssi_threshold)
    except InputError as error:
        draft.notes.append(str(error))


def _told(run: Run, device: str) -> Retold | None:
    """Give what a badge's recording tells; of a picture that was kept, it is asked now."""
    if device not in run.told:
        path = next((p for p in run.recordings if p.stem == device), None)
        if path is not None:
            _retell_one(run, path, Draft("", EventRows(PicturePlane())))
    return run.told.get(device)


def _read(run: Run, tell: Tell | None) -> None:
    if run.truth and not run.told:
        typed = run.rows.with_suffix(".parquet")
        if typed.is_file() and read_typed(typed, _offsets(run.rows), run.draft.events):
            return
    many = not run.told and run.rows.stat().st_size > MANY_BYTES
    if many and read_typed_lines(run.rows, _offsets(run.rows), run.draft.events):
        return
    for offset, line, _ in lines_with_places(run.rows, tell):
        try:
            row = parse(line, f"{run.rows} at byte {offset}")
            if not isinstance(row, dict):
                raise InputError(f"{run.rows} at byte {offset}: no event")
            _take(run, row, offset)
        except InputError as error:
            run.skipped += 1
            run.first_skipped = run.first_skipped or str(error)
    if run.skipped:
        run.draft.notes.append(
            f"{counted(run.skipped, 'line')} left out; the first: {run.first_skipped}"
        )


def _offsets(path: Path) -> Column:
    """Give where each line begins."""
    parts, before = [np.zeros(1, dtype=np.int64)], 0
    with path.open("rb") as file:
        while content := file.read(READ_BYTES):
            found = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == ord("\n"))
            parts.append(found + (before + 1))
            before += len(content)
    return np.concatenate(parts)[:-1]


def _take(run: Run, row: dict[str, Any], offset: int) -> None:
    if isinstance(row.get("payload"), str):
        row["payload"] = parse(row["payload"].encode(), f"{run.rows} at byte {offset}: payload")
    told = run.told.get(str(row.get("device_id")))
    cause = None if told is None else told.causes.by_number.get(row.get("sequence_number", 0))
    t_ms = None if told is None or cause is None else told.t_ms(cause["ms"])
    run.draft.events.add(row, offset, t_ms, _fate(run, row, cause, told))


def _fate(
    run: Run, row: Mapping[str, Any], cause: Mapping[str, Any] | None, told: Retold | None
) -> Fate:
    if not run.truth:
        return Fate()
    word = "delivered" if row.get("delivered") is True else str(row.get("undelivered_why"))
    lag_s = float("nan")
    if told is not None and cause is not None:
        accepted_ms = told.causes.accepted_ms.get(row["sequence_number"])
        lag_s = lag_s if accepted_ms is None else (accepted_ms - cause["ms"]) / 1000.0
    lat, lon = row.get("true_lat"), row.get("true_lon")
    if isinstance(lat, int | float) and isinstance(lon, int | float):
        return Fate(word, lag_s, lat, lon)
    return Fate(word, lag_s)


def _details(run: Run, offset: int) -> dict[str, Any]:
    row = parse(line_at(run.rows, offset), f"{run.rows} at byte {offset}")
    if isinstance(row.get("payload"), str):
        row["payload"] = parse(row["payload"].encode(), "payload")
    envelope = ("device_id", "firmware_version", "event_type", "timestamp_utc", "sequence_number")
    event = {name: row.get(name) for name in envelope} | {"payload": row.get("payload")}
    document: dict[str, Any] = {"event": event}
    if run.truth:
        document["truth"] = {n: v for n, v in row.items() if n not in (*envelope, "payload")}
    told = _told(run, str(row.get("device_id")))
    if told is not None:
        why = told.causes.by_number.get(row.get("sequence_number", 0))
        document |= {"why": why, "why_words": why_in_words(why, told.offset_ms)}
    return document
