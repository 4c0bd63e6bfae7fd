"""The truth about a badge, a column at a time: the same lines as `output.truth` row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic_core import from_json, to_json

from badge.contract.events import EVENT_TYPES
from badge.host.c_pump import WHYS
from sim.fleet.output.truth import BadgeTruth, ShiftTruth
from sim.world.place import Times

_SHIFT_START, _SHIFT_END = EVENT_TYPES.index("shift_start"), EVENT_TYPES.index("shift_end")
_DELIVERED = (b"false", b"true")
_WHYS = tuple(to_json(why) for why in WHYS)
_NULL = b"null"


class ColumnTruth(BadgeTruth):
    """Writes the truth of one badge out of the rows that the badge in C has left."""

    _worker = _NULL

    def lines_of(self, rows: NDArray[Any], text: bytes) -> tuple[bytes, bytes]:
        """Give (events in wire form, rows of truth), lines of JSON, in order."""
        if not len(rows):
            return b"", b""
        times: Times = rows["ms"].astype(np.int64)
        xs, ys = self._worn.xy_at(times)
        lats, lons = self._site_plan.site.plane.to_latlons(xs, ys)
        words: dict[str | None, bytes] = {None: _NULL}
        parcels = self._parcels(xs, ys)
        for name in dict.fromkeys(parcels):
            words[name] = to_json(name)
        told = zip(
            rows["truth_at"].tolist(),
            rows["end"].tolist(),
            self._workers(rows, text),
            _numbers(lats),
            _numbers(lons),
            parcels,
            self._near(times, xs, ys),
            rows["arrived"].tolist(),
            rows["why"].tolist(),
            strict=True,
        )
        truths = b"".join(
            b'%b,"worker_id":%b,"true_lat":%b,"true_lon":%b,"parcel_id":%b,"equipment_near":%b,'
            b'"delivered":%b,"undelivered_why":%b}\n'
            % (
                text[start:end],
                worker,
                lat,
                lon,
                words[parcel],
                to_json(near) if near else b"[]",
                _DELIVERED[arrived],
                _WHYS[why],
            )
            for start, end, worker, lat, lon, parcel, near, arrived, why in told
        )
        starts, ends = rows["event_at"].tolist(), rows["truth_at"].tolist()
        events = b"".join(text[s:e] for s, e in zip(starts, ends, strict=True))
        return events, truths

    def _workers(self, rows: NDArray[Any], text: bytes) -> list[bytes]:
        """Give whose event each is, as JSON: of whoever is in a shift at its end."""
        found: list[bytes] = []
        for number in np.flatnonzero(np.isin(rows["type"], (_SHIFT_START, _SHIFT_END))).tolist():
            found += [self._worker] * (number - len(found))
            row = rows[number]
            payload = from_json(_payload(text[row["truth_at"] : row["end"]]))
            worker_id, ms = payload["worker_id"], int(row["ms"])
            found.append(to_json(worker_id))
            if row["type"] == _SHIFT_START:
                self._worker = found[-1]
                self.shifts.append(ShiftTruth(worker_id, ms, None, None))
            else:
                self._worker = _NULL
                start_ms = self.shifts.pop().start_ms
                self.shifts.append(ShiftTruth(worker_id, start_ms, ms, payload["end_reason"]))
        return found + [self._worker] * (len(rows) - len(found))


def _payload(head: bytes) -> str:
    payload: str = from_json(head + b"}")["payload"]
    return payload


def _numbers(values: NDArray[np.float64]) -> list[bytes]:
    """Write each as JSON writes it."""
    return to_json(values.tolist())[1:-1].split(b",")
