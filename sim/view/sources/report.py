"""What `badge judge`, `gate` and `conform` say with --json, and both sides of a verdict."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from badge.errors import InputError
from badge.host.documents import read_json
from sim.view.model.events import NUMBER_MAX, EventRows, unix_ms_of
from sim.view.model.picture import Draft, Mark, picture_of
from sim.view.model.plane import PicturePlane
from sim.view.model.sides import sides_of
from sim.view.sources.opened import Opened

REPORT_BYTES_MAX = 256 << 20
REFERENCE, DEVICE = "reference", "device"
Event = Mapping[str, Any]


def read_report(path: Path) -> dict[str, Any] | None:
    """Read a report; None if the file is none."""
    try:
        document = read_json(path, REPORT_BYTES_MAX)
    except InputError:
        return None
    known = isinstance(document, dict) and {"findings", "gates", "checks"} & document.keys()
    return document if known else None


def open_report(document: Mapping[str, Any], name: str) -> Opened:
    """Make the picture of a report: a judge's findings on both sides, or a table of figures."""
    findings = document.get("findings")
    if isinstance(findings, list):
        found = [one for one in findings if isinstance(one, dict)]
        wanted = [one["wanted"] for one in found if isinstance(one.get("wanted"), dict)]
        logged = [one["logged"] for one in found if isinstance(one.get("logged"), dict)]
        note = "of a report, only the events of its findings are here; --view shows all"
        return open_verdict(wanted, logged, found, name, [note])
    draft = Draft(name, EventRows(PicturePlane()))
    draft.facts["report"] = _table(document)
    return Opened(picture_of(draft), lambda at: {})


def open_verdict(
    wanted: Sequence[Event],
    logged: Sequence[object],
    findings: Sequence[Mapping[str, Any]],
    name: str,
    notes: Sequence[str] = (),
) -> Opened:
    """Make the picture of a device's events beside the reference's, each finding marked."""
    rows = EventRows(PicturePlane())
    draft = Draft(name, rows)
    draft.notes += notes
    draft.sides = REFERENCE, DEVICE
    details: list[dict[str, Any]] = []
    sides = {REFERENCE: list(wanted), DEVICE: [one for one in logged if isinstance(one, Mapping)]}
    words: dict[tuple[str, object], list[str]] = {}
    for one in findings:
        for side, key in ((REFERENCE, "wanted"), (DEVICE, "logged")):
            event = one.get(key)
            if isinstance(event, Mapping):
                place = side, event.get("sequence_number")
                words.setdefault(place, []).append(_words(one))
    for side, events in sides.items():
        rows.devices.place(side)
        for event in events:
            rows.add(event, len(details), device=side)
            told = words.get((side, event.get("sequence_number")))
            details.append({"event": dict(event), **({"findings": told} if told else {})})
    for one in findings:
        _mark(draft, one)
    if not details:
        draft.notes.append(f"{name}: there is no event in it")
    return Opened(picture_of(draft), lambda at: details[at])


def _words(finding: Mapping[str, Any]) -> str:
    return " ".join(str(finding.get(name, "")) for name in ("kind", "event_type", "text"))


def _mark(draft: Draft, finding: Mapping[str, Any]) -> None:
    side = DEVICE if isinstance(finding.get("logged"), Mapping) else REFERENCE
    event = finding.get("logged") if side == DEVICE else finding.get("wanted")
    t_ms = unix_ms_of(finding.get("at"))
    if t_ms is None:
        return
    place = draft.events.devices.place(side)
    wanted, logged = (_event(finding.get(name)) for name in ("wanted", "logged"))
    both = sides_of(*(None if one is None else (_at(one), one) for one in (wanted, logged)))
    # The left one's event comes first, as it does for a difference of two recordings.
    other = None
    if wanted is not None and logged is not None:
        other = (draft.events.devices.place(DEVICE), _number(logged))
        place, event = draft.events.devices.place(REFERENCE), wanted
    number = _number(event) if isinstance(event, Mapping) else math.nan
    draft.marks.append(Mark(t_ms, place, "finding", _words(finding), number, both, other))


def _event(value: object) -> Event | None:
    return value if isinstance(value, Mapping) else None


def _number(event: Event) -> float:
    number = event.get("sequence_number")
    return float(number) if isinstance(number, int) and abs(number) < NUMBER_MAX else math.nan


def _at(event: Event) -> str:
    return str(event.get("timestamp_utc", "no time"))[:40]


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _table(document: Mapping[str, Any]) -> dict[str, Any]:
    """Give a gate's figures or a conformance's checks as a table, what failed first."""
    if isinstance(table := document.get("table"), dict):
        return table  # of a load: as it is, its curves too
    where = str(document.get("where", document.get("url", "")))
    if isinstance(gates := document.get("gates"), dict):
        rows: list[list[Any]] = [
            [
                f"gate {key}",
                *(str(figure.get(name, "")) for name in ("name", "value", "wanted")),
                figure.get("met") is True,
            ]
            for key, gate in gates.items()
            for figure in _objects(gate.get("figures") if isinstance(gate, dict) else None)
        ]
        rows.sort(key=lambda row: bool(row[-1]))
        return {"title": where, "heads": ["gate", "figure", "measured", "wanted"], "rows": rows}
    checks = sorted(_objects(document.get("checks")), key=_verdict_rank)
    return {
        "title": where,
        "heads": ["check", "clause", "level", "verdict"],
        "rows": [
            [
                *(str(one.get(name, "")) for name in ("name", "clause", "level", "verdict")),
                _met(one),
            ]
            for one in checks
        ],
        "words": _summary(checks),
        "stories": [_story(one) for one in checks if _met(one) is False],
    }


_STORY = ("expected", "clause", "asked", "answered", "again")
_VERDICTS = ("failed", "skipped", "passed")


def _verdict_rank(check: Mapping[str, Any]) -> int:
    verdict = check.get("verdict")
    return _VERDICTS.index(verdict) if verdict in _VERDICTS else 0


def _met(check: Mapping[str, Any]) -> bool | None:
    return {"passed": True, "skipped": None}.get(str(check.get("verdict")), False)


def _summary(checks: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say how many there are of each verdict, and why some were not made."""
    count = Counter(str(one.get("verdict")) for one in checks)
    told = [", ".join(f"{count[name]} {name}" for name in _VERDICTS if count[name])]
    reasons = Counter(str(one.get("why")) for one in checks if _met(one) is None)
    return told + [f"not made ({times}): {why}" for why, times in reasons.items()]


def _story(check: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a failed check asked, heard and expected, and the line that asks again."""
    return {
        "title": f"{check.get('name', '')} ({check.get('level', '')})",
        "parts": [[name, str(check[name])] for name in _STORY if check.get(name)],
    }
