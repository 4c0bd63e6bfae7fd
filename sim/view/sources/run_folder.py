"""A run's folder: its truth, its site, and the recordings of its badges where there are any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from badge.contract.documents import parse
from badge.errors import InputError
from badge.host.documents import read_json
from sim.view.model.events import EventRows, Fate
from sim.view.model.picture import Draft, picture_of
from sim.view.model.plane import PicturePlane
from sim.view.model.retold import Retold, retell_into
from sim.view.model.words import why_in_words
from sim.view.sources.opened import Opened, Tell, line_at, lines_with_places
from sim.view.sources.recordings import read_recording
from sim.world.site import Plane

SITE_BYTES_MAX = 256 << 20
RECORDINGS_MAX = 50  # of more, lanes come from the events: a minute of replays would be too long


@dataclass(slots=True)
class Run:
    """A run that is being read."""

    folder: Path
    draft: Draft
    rows: Path
    truth: bool
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
    """Make the picture of a run; `recordings` is where `--record` wrote, beside it unless said."""
    found = _rows_of(folder)
    if found is None:
        raise InputError(f"{folder}: no run: neither truth/events.ndjson nor events.ndjson in it")
    facts = _document(folder / "truth" / "run.json")
    site = _document(folder / "truth" / "site.json")
    draft = Draft(_title(folder, facts), EventRows(_ground(site)))
    run = Run(folder, draft, *found)
    if site is None:
        draft.notes.append("no truth/site.json: the site is not drawn, only what badges say")
    else:
        _draw(draft, site)
    if facts is None:
        draft.notes.append("no truth/run.json: the run was cut short, or this is a part of one")
    elif facts.get("complete") is False:
        draft.notes.append("the run was cut short; what it had done is shown")
    _retell(run, recordings or folder.parent / "recordings", said=recordings is not None)
    _read(run, tell)
    if not run.truth:
        draft.notes.append("no truth/events.ndjson: where badges truly were is not shown")
    if run.skipped:
        draft.notes.append(f"{run.skipped} lines left out; the first: {run.first_skipped}")
    return Opened(picture_of(draft), lambda at: _details(run, at))


def _document(path: Path) -> dict[str, Any] | None:
    try:
        found = read_json(path, SITE_BYTES_MAX)
    except (OSError, InputError):
        return None
    return found if isinstance(found, dict) else None


def _title(folder: Path, facts: Mapping[str, Any] | None) -> str:
    return str(folder.name if facts is None else facts.get("scenario", folder.name))


def _ground(site: Mapping[str, Any] | None) -> PicturePlane:
    try:
        lat, lon = (site or {})["origin"]
        return PicturePlane(Plane(float(lat), float(lon)))
    except (KeyError, TypeError, ValueError, InputError):
        return PicturePlane()


def _draw(draft: Draft, site: dict[str, Any]) -> None:
    draft.site = site
    draft.facts["threshold_dbm"] = site.get("threshold_dbm")
    for piece in site.get("equipment", ()):
        draft.tag_names[str(piece.get("mac"))] = str(piece.get("name"))


def _retell(run: Run, folder: Path, *, said: bool) -> None:
    """Live through the recordings of the run's badges, for their lanes and causes."""
    if not folder.is_dir():
        if said:
            raise InputError(f"{folder}: no folder of recordings")
        run.draft.notes.append(
            "no recordings beside the run (badge simulate --record DIR makes them): no queue, "
            "uploads, network and battery, and no why"
        )
        return
    files = sorted([*folder.glob("ACT-*.ndjson"), *folder.glob("ACT-*.cbor")])
    if len(files) > RECORDINGS_MAX:
        run.draft.notes.append(
            f"{len(files)} recordings: the first {RECORDINGS_MAX} are lived through, the lanes of "
            "the others come from their events"
        )
    for path in files[:RECORDINGS_MAX]:
        try:
            one = read_recording(path)
            if one.broken:
                run.draft.notes.append(one.broken)
            name = one.header.config.device_id
            device = run.draft.events.devices.place(name)
            run.told[name] = retell_into(
                run.draft.lanes,
                run.draft.events.tags,
                device,
                one.header,
                one.lines,
                str(path),
                run.draft.tag_names,
            )
            run.draft.traced.add(device)
            run.draft.facts.setdefault("threshold_dbm", one.header.config.ble_rssi_threshold)
        except InputError as error:
            run.draft.notes.append(str(error))


def _read(run: Run, tell: Tell | None) -> None:
    for offset, line in lines_with_places(run.rows, tell):
        try:
            row = parse(line, f"{run.rows} at byte {offset}")
            if not isinstance(row, dict):
                raise InputError(f"{run.rows} at byte {offset}: no event")
        except InputError as error:
            run.skipped += 1
            run.first_skipped = run.first_skipped or str(error)
            continue
        _take(run, row, offset)


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
    told = run.told.get(str(row.get("device_id")))
    if told is not None:
        why = told.causes.by_number.get(row.get("sequence_number", 0))
        document |= {"why": why, "why_words": why_in_words(why, told.offset_ms)}
    return document
