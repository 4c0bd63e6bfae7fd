"""The truth about a badge, a column at a time: the same lines as `output.truth` row by row."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic_core import from_json, to_json

from badge.contract.events import EVENT_TYPES
from badge.host.c_pump import WHYS
from sim.compiled.truths import Named, Numbers, TrueRows, write_truths
from sim.fleet.output.truth import NEAR_M, BadgeTruth, ShiftTruth, within
from sim.scenario.plan.site import EquipmentPlan
from sim.world.place import Floats, Times

_SHIFT_START, _SHIFT_END = EVENT_TYPES.index("shift_start"), EVENT_TYPES.index("shift_end")
_NULL = b"null"
_NOBODY = np.empty(0, np.uint32)
_FATES = (
    b'true,"undelivered_why":null',
    *(b'false,"undelivered_why":%b' % to_json(why) for why in WHYS),
)


class ColumnTruth(BadgeTruth):
    """Writes the truth of one badge out of the rows that the badge in C has left."""

    _worker = _NULL

    def lines_of(self, rows: NDArray[Any], text: bytes) -> tuple[bytes, bytes]:
        """Give (events in wire form, rows of truth), lines of JSON, in order."""
        if not len(rows):
            return b"", b""
        times: Times = rows["ms"].astype(np.int64)
        xs, ys = self._worn.xy_at(times)
        names, parcels = self._numbered_parcels(xs, ys)
        ends, tags, cms = self._nearby(times, xs, ys)
        true = TrueRows(
            *self._site_plan.site.plane.to_latlons(xs, ys),
            self._workers(rows, text),
            Named([to_json(name) for name in names], parcels.astype(np.uint32)),
            Named(_FATES, np.where(rows["arrived"], 0, 1 + rows["why"]).astype(np.uint32)),
            Named([to_json(one.tag.mac) for one in self._pieces], tags),
            ends,
            cms,
        )
        library = self._site_plan.library
        found = None if library is None else write_truths(library, rows, text, true)
        return found or _in_python(rows, text, true)

    @property
    def _pieces(self) -> list[EquipmentPlan]:
        return list(self._site_plan.equipment.values())

    def _nearby(
        self, times: Times, xs: Floats, ys: Floats
    ) -> tuple[Numbers, Numbers, NDArray[np.int64]]:
        """Give where each row's tags end, the tags, the nearest first, and how many cm away."""
        order = sorted(range(len(self._pieces)), key=lambda n: self._pieces[n].tag.mac)
        parts = []
        for rank, number in enumerate(order):
            found, metres = within(NEAR_M, self._pieces[number], times, xs, ys)
            if len(found):
                parts.append((found, np.full(len(found), rank), _cm(metres)))
        if not parts:
            return np.zeros(len(times) + 1, np.uint32), _NOBODY, np.empty(0, np.int64)
        rows, ranks, cms = (np.concatenate(column) for column in zip(*parts, strict=True))
        sorted_by = np.lexsort((ranks, cms, rows))
        ends = np.searchsorted(rows[sorted_by], np.arange(len(times) + 1)).astype(np.uint32)
        tags = np.array(order, np.uint32)[ranks[sorted_by]]
        return ends, tags, cms[sorted_by]

    def _workers(self, rows: NDArray[Any], text: bytes) -> Named:
        """Give whose event each is, as JSON: of whoever is in a shift at its end."""
        words, numbers, since = [self._worker], np.zeros(len(rows), np.uint32), 0
        types = rows["type"]
        for number in np.flatnonzero((types == _SHIFT_START) | (types == _SHIFT_END)).tolist():
            row = rows[number]
            payload = from_json(_payload(text[row["truth_at"] : row["end"]]))
            worker_id, ms = payload["worker_id"], int(row["ms"])
            numbers[since:number] = len(words) - 1
            numbers[number], since = len(words), number + 1
            words.append(to_json(worker_id))
            if row["type"] == _SHIFT_START:
                self._worker = words[-1]
                self.shifts.append(ShiftTruth(worker_id, ms, None, None))
            else:
                self._worker = _NULL
                start_ms = self.shifts.pop().start_ms
                self.shifts.append(ShiftTruth(worker_id, start_ms, ms, payload["end_reason"]))
            words.append(self._worker)
        numbers[since:] = len(words) - 1
        return Named(words, numbers)


def _in_python(rows: NDArray[Any], text: bytes, true: TrueRows) -> tuple[bytes, bytes]:
    """Do what `write_truths` does, of any numbers, row by row."""
    macs, tags, cms = true.near.words, true.near.numbers.tolist(), true.near_cm.tolist()
    near = [
        b'{"tag_mac":%b,"distance_m":%b}' % (macs[tag], to_json(cm / 100))
        for tag, cm in zip(tags, cms, strict=True)
    ]
    told = zip(
        rows["truth_at"].tolist(),
        rows["end"].tolist(),
        true.worker.numbers.tolist(),
        _numbers(true.lats),
        _numbers(true.lons),
        true.parcel.numbers.tolist(),
        pairwise(true.near_ends.tolist()),
        true.fate.numbers.tolist(),
        strict=True,
    )
    truths = b"".join(
        b'%b,"worker_id":%b,"true_lat":%b,"true_lon":%b,"parcel_id":%b,"equipment_near":[%b],'
        b'"delivered":%b}\n'
        % (
            text[start:end],
            true.worker.words[worker],
            lat,
            lon,
            true.parcel.words[parcel],
            b",".join(near[slice(*places)]),
            true.fate.words[fate],
        )
        for start, end, worker, lat, lon, parcel, places, fate in told
    )
    starts, ends = rows["event_at"].tolist(), rows["truth_at"].tolist()
    return b"".join(text[s:e] for s, e in zip(starts, ends, strict=True)), truths


def _cm(metres: Floats) -> NDArray[np.int64]:
    """Give whole centimetres as `round(metres, 2)` has them: it looks at the number itself."""
    scaled = metres * 100.0
    found = np.rint(scaled).astype(np.int64)
    for n in np.flatnonzero(np.abs(np.abs(scaled - np.floor(scaled)) - 0.5) < 1e-6).tolist():
        found[n] = round(round(float(metres[n]), 2) * 100)
    return found


def _payload(head: bytes) -> str:
    payload: str = from_json(head + b"}")["payload"]
    return payload


def _numbers(values: NDArray[np.float64]) -> list[bytes]:
    """Write each as JSON writes it."""
    return to_json(values.tolist())[1:-1].split(b",")
