"""The picture: everything that a page shows, as columns and a few words beside them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from badge.words import counted
from sim.view.model.columns import MARK, Columns, columns_of, packed, rows_of, taken
from sim.view.model.events import FATES, KINDS, EventRows
from sim.view.model.lanes import LANES, LaneRows, add_lanes
from sim.view.model.levels import levels_of

FORMAT = 2
REASONS_MAX = 20


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment to look at: a finding or a difference, in words; `number` and `device` its event.

    Where two sides are compared, `sides` says both in words (`sides.sides_of`), and `other` is the
    event of the right side as device and number, if the first one is the left side's.
    """

    t_ms: float
    device: int
    what: str  # "finding" or "difference"
    text: str
    number: float = math.nan
    sides: Mapping[str, Any] | None = None
    other: tuple[int, float] | None = None


@dataclass(slots=True)
class Draft:
    """What a source tells, before it becomes a picture.

    `traced` are the devices whose lanes a recording has told already; `threshold_dbm` is what an
    RSSI is held against, None if nobody said.
    """

    title: str
    events: EventRows
    lanes: LaneRows = field(default_factory=LaneRows)
    marks: list[Mark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    site: Mapping[str, Any] | None = None
    has_utc: bool = True
    traced: set[int] = field(default_factory=set)
    tag_names: dict[str, str] = field(default_factory=dict)
    rejected: Counter[str] = field(default_factory=Counter)
    facts: dict[str, Any] = field(default_factory=dict)
    sides: tuple[str, str] | None = None  # the names of what is compared: left, right


@dataclass(frozen=True, slots=True)
class Picture:
    """A draft in order of time: columns, and the document that says what their places mean."""

    document: dict[str, Any]
    tables: Mapping[str, Columns]

    @property
    def rows(self) -> int:
        """How many events there are."""
        return rows_of(self.tables["events"])

    def payload(self) -> tuple[dict[str, Any], bytes]:
        """Give the document with the layout of the columns, and the columns' bytes."""
        layout, content = packed(self.tables)
        return {**self.document, "layout": layout, "rows": self.rows}, content


def picture_of(draft: Draft) -> Picture:
    """Put a draft in order of time, add what follows from its events, and its levels of detail."""
    events = draft.events.columns()
    undated = ~np.isfinite(events["t_ms"])
    if undated.any():
        known = events["t_ms"][~undated]
        events["t_ms"][undated] = known.min() if len(known) else 0.0
    order = np.argsort(events["t_ms"], kind="stable")
    events = taken(events, order)
    devices = draft.events.devices.words
    span = _span(events, draft)
    rest = sorted(set(range(len(devices))) - draft.traced)
    tags = draft.events.tags.words
    names = [draft.tag_names.get(mac, mac) for mac in tags]
    if rest:
        chosen = None if not draft.traced else rest
        add_lanes(draft.lanes, events, span[1], draft.events.workers, names, chosen)
    spans, samples = draft.lanes.columns()
    ordered = sorted(draft.marks, key=lambda mark: mark.t_ms)
    marks = _marks(ordered, events)
    notes = list(draft.notes)
    if draft.events.undated:
        notes.append(
            f"{counted(draft.events.undated, 'event has', 'events have')} no time of day; each "
            "stands where the one before it does"
        )
    document = {
        "format": FORMAT,
        "title": draft.title,
        "span": span,
        "utc": draft.has_utc,
        "devices": [
            {"id": name, "worker": draft.events.workers.get(place, "")}
            for place, name in enumerate(devices)
        ],
        "tags": [{"mac": mac, "name": name} for mac, name in zip(tags, names, strict=True)],
        "kinds": KINDS,
        "fates": FATES,
        "lanes": LANES,
        "words": draft.lanes.words.words,
        "texts": [mark.text for mark in ordered],
        "sides": draft.sides and {"names": draft.sides, "marks": [one.sides for one in ordered]},
        "notes": notes,
        "site": draft.site,
        "origin": draft.events.ground.origin,
        "facts": {**draft.facts, "rejected": dict(draft.rejected.most_common(REASONS_MAX))},
    }
    tables = {
        "events": events,
        "spans": spans,
        "samples": samples,
        "marks": marks,
        "levels": levels_of(events, max(len(devices), 1), len(KINDS), span),
    }
    return Picture(document, tables)


def _span(events: Columns, draft: Draft) -> tuple[float, float]:
    moments = [float(events["t_ms"][0]), float(events["t_ms"][-1])] if rows_of(events) else []
    moments += [row[0] for row in draft.lanes.spans] + [row[1] for row in draft.lanes.spans]
    if not moments:
        return 0.0, 1000.0
    return min(moments), max(max(moments), min(moments) + 1000.0)


def _marks(marks: Sequence[Mark], events: Columns) -> Columns:
    """Find the events of each mark."""
    places: dict[tuple[int, float], int] = {}
    if marks:
        keys = zip(events["device"].tolist(), events["number"].tolist(), strict=True)
        places = {key: row for row, key in enumerate(keys)}
    rows = [
        (
            mark.t_ms,
            places.get((mark.device, mark.number), -1),
            -1 if mark.other is None else places.get(mark.other, -1),
            number,
            mark.device,
            int(mark.what == "difference"),
        )
        for number, mark in enumerate(marks)
    ]
    return columns_of(rows, MARK)
