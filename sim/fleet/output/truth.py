"""The truth about a badge: a row for each event, and its shifts, visits, sessions, presence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic_core import to_json

from badge.effects import Upload
from badge.entry import timestamp
from sim.fleet.field.store import EventRow
from sim.scenario.plan.site import EquipmentPlan, SitePlan
from sim.scenario.plan.worn_badge import WornBadge
from sim.world.place import Floats, Spot, Times

NEAR_M = 20.0  # of an event: what a badge can hope to hear
PRESENT_M = 5.0  # of a presence: where a tag must be heard (contract section 5, gate 3)
PRESENCE_STEP_MS, PRESENCE_GAP_MS = 5_000, 60_000
SESSION_GAP_MS = 1_200_000
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ShiftTruth:
    """A shift as it was logged, in ms of the run; `end_ms` None: still open at the end."""

    worker_id: str
    start_ms: int
    end_ms: int | None
    end_reason: str | None


class BadgeTruth:
    """Writes the truth of one badge; the world is asked again, so nothing of it is kept."""

    def __init__(self, site_plan: SitePlan, worn: WornBadge) -> None:
        self._site_plan, self._worn, self._device_id = site_plan, worn, worn.device_id
        self.shifts: list[ShiftTruth] = []

    def lines(self, rows: Sequence[EventRow]) -> tuple[list[bytes], list[bytes]]:
        """Give (events in wire form, rows of truth), each a line of JSON, in order."""
        if not rows:
            return [], []
        times = np.array([row.ms for row in rows], dtype=np.int64)
        xs, ys = self._worn.xy_at(times)
        parcels = self._parcels(xs, ys)
        near = self._near(times, xs, ys)
        events, truths = [], []
        for number, row in enumerate(rows):
            self._note_shift(row)
            if row.entry.unix_ms is not None:
                events.append(to_json(row.entry.event(self._device_id)) + b"\n")
            lat, lon = self._site_plan.site.plane.to_latlon(float(xs[number]), float(ys[number]))
            truths.append(to_json(self._row(row, lat, lon, parcels[number], near[number])) + b"\n")
        return events, truths

    def _row(
        self, row: EventRow, lat: float, lon: float, parcel: str | None, near: list[dict[str, Any]]
    ) -> dict[str, Any]:
        entry = row.entry
        at = None if entry.unix_ms is None else timestamp(entry.unix_ms // 1000)
        return {
            "device_id": self._device_id,
            "sequence_number": entry.sequence_number,
            "event_type": entry.event_type,
            "timestamp_utc": at,
            "firmware_version": entry.firmware_version,
            "payload": to_json(entry.payload).decode(),
            "worker_id": row.worker_id,
            "true_lat": lat,
            "true_lon": lon,
            "parcel_id": parcel,
            "equipment_near": near,
            "delivered": row.arrived,
            "undelivered_why": row.why,
        }

    def _note_shift(self, row: EventRow) -> None:
        if row.entry.event_type == "shift_start":
            self.shifts.append(ShiftTruth(row.entry.payload["worker_id"], row.ms, None, None))
        elif row.entry.event_type == "shift_end":
            open_one = self.shifts.pop()
            reason = row.entry.payload["end_reason"]
            self.shifts.append(ShiftTruth(open_one.worker_id, open_one.start_ms, row.ms, reason))

    def _parcels(self, xs: Floats, ys: Floats) -> list[str | None]:
        names, numbers = self._numbered_parcels(xs, ys)
        return [names[number] for number in numbers.tolist()]

    def _numbered_parcels(
        self, xs: Floats, ys: Floats
    ) -> tuple[list[str | None], NDArray[np.int64]]:
        """Give the names of all parcels, and the place in there of each point's own."""
        parcels = [area for area in self._site_plan.site.areas if area.kind == "parcel"]
        names: list[str | None] = [None, *dict.fromkeys(area.name for area in parcels)]
        found = np.zeros(len(xs), dtype=np.int64)
        for area in reversed(parcels):  # where they overlap the first one counts
            found[area.contain(xs, ys)] = names.index(area.name)
        return names, found

    def _near(self, times: Times, xs: Floats, ys: Floats) -> list[list[dict[str, Any]]]:
        found: list[list[dict[str, Any]]] = [[] for _ in range(len(times))]
        for piece in self._site_plan.equipment.values():
            rows, metres = within(NEAR_M, piece, times, xs, ys)
            for row, metre in zip(rows.tolist(), metres.tolist(), strict=True):
                found[row].append({"tag_mac": piece.tag.mac, "distance_m": round(metre, 2)})
        for one in found:
            one.sort(key=lambda near: (near["distance_m"], near["tag_mac"]))
        return found

    def tables(self, end_ms: int) -> dict[str, list[dict[str, Any]]]:
        """Give shifts, visits, sessions and presence; the shifts are known from the rows."""
        end_ms = min(end_ms, self._worn.life.ends_ms)
        tables: dict[str, list[dict[str, Any]]] = {
            "shifts": [self._shift(shift) for shift in self.shifts],
            "visits": [],
            "sessions": [],
            "presence": [],
        }
        for shift in self.shifts:
            span = (shift.start_ms, end_ms if shift.end_ms is None else shift.end_ms)
            self._add_visits(tables, shift.worker_id, span)
            self._add_presence(tables, shift.worker_id, span)
        tables["sessions"] = self._sessions(tables["visits"])
        for name in ("visits", "sessions", "presence"):
            tables[name] = [self._dated(one) for one in sorted(tables[name], key=_order)]
        return tables

    def faults(self, faulted: Iterable[tuple[int, Upload, str]]) -> list[dict[str, Any]]:
        """Give a row for each upload that met a fault on the way: when it was sent, and which."""
        return [
            {
                "device_id": self._device_id,
                "at": self._utc(ms),
                "fault": fault,
                "first_sequence": upload.first_sequence,
                "last_sequence": upload.last_sequence,
                "events": upload.count,
            }
            for ms, upload, fault in faulted
        ]

    def _shift(self, shift: ShiftTruth) -> dict[str, Any]:
        day = next((w for w in reversed(self._worn.days) if w.start_ms <= shift.start_ms), None)
        return {
            "device_id": self._device_id,
            "worker_id": shift.worker_id,
            "start": self._utc(shift.start_ms),
            "end": None if shift.end_ms is None else self._utc(shift.end_ms),
            "end_reason": shift.end_reason,
            "arrived": None if day is None else self._utc(day.start_ms),
            "left": None if day is None else self._utc(day.end_ms),
        }

    def _add_visits(
        self, tables: dict[str, list[dict[str, Any]]], worker_id: str, span: Span
    ) -> None:
        times = self._moments(span)
        names, numbers = self._numbered_parcels(*self._worn.xy_at(times))
        changes = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist()]
        for first, after in pairwise([*changes, len(times) - 1]):
            parcel = names[numbers[first]]
            if parcel is not None and times[after] > times[first]:
                start, end = int(times[first]), int(times[after])
                visit = {"worker_id": worker_id, "parcel_id": parcel, "start": start, "end": end}
                tables["visits"].append(visit)

    def _moments(self, span: Span) -> Times:
        """Give every second in which the badge moved, and the ends of its rests."""
        parts = [np.array(span, dtype=np.int64)]
        for day in self._worn.days:
            if day.end_ms < span[0] or day.start_ms > span[1]:
                continue
            times, moving = day.journey.moved()
            edges = np.append(times, day.end_ms)
            low, high = np.maximum(edges[:-1], span[0]), np.minimum(edges[1:], span[1])
            step = np.where(moving, 1000, np.maximum(high - low, 1))
            count = np.where(low <= high, (high - low) // step + 1, 0)
            parts.append(np.repeat(low, count) + np.repeat(step, count) * _counted(count))
        times = np.sort(np.concatenate(parts))  # `np.unique` takes six times as long
        again = np.zeros(len(times), np.bool_)
        again[1:] = times[1:] == times[:-1]
        return times[~again]

    def _sessions(self, visits: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Join the visits of the same worker to the same parcel over gaps of at most 1200 s."""
        last: dict[tuple[str, str], dict[str, Any]] = {}
        sessions = []
        for visit in sorted(visits, key=_order):
            key = visit["worker_id"], visit["parcel_id"]
            before = last.get(key)
            if before is not None and visit["start"] - before["end"] <= SESSION_GAP_MS:
                before["end"] = visit["end"]
            else:
                last[key] = dict(visit)
                sessions.append(last[key])
        return sessions

    def _add_presence(
        self, tables: dict[str, list[dict[str, Any]]], worker_id: str, span: Span
    ) -> None:
        times = np.arange(span[0], span[1] + 1, PRESENCE_STEP_MS)
        xs, ys = self._worn.xy_at(times)
        for piece in self._site_plan.equipment.values():
            rows, metres = within(PRESENT_M, piece, times, xs, ys)
            for start, end, nearest in _spells(times[rows], metres):
                tables["presence"].append(
                    {
                        "worker_id": worker_id,
                        "tag_mac": piece.tag.mac,
                        "start": start,
                        "end": end,
                        "nearest_m": nearest,
                    }
                )

    def _dated(self, one: dict[str, Any]) -> dict[str, Any]:
        dated = {"start": self._utc(one["start"]), "end": self._utc(one["end"])}
        return {"device_id": self._device_id, **one, **dated}

    def _utc(self, ms: int) -> str:
        return timestamp((self._site_plan.clock.start_unix_ms + ms) // 1000)


def _counted(counts: Times) -> Times:
    """Count from 0, anew for each count: of 2 and 3 this is 0 1 0 1 2."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)


def within(
    most_m: float, piece: EquipmentPlan, times: Times, xs: Floats, ys: Floats
) -> tuple[NDArray[np.int64], Floats]:
    """Give when a piece is so near, as places in the times, and how near it is then.

    While its tag is silent it is nowhere: nobody can hope to hear it.
    """
    if isinstance(piece.mover, Spot):
        dx, dy = piece.mover.x_m - xs, piece.mover.y_m - ys
    else:
        there = piece.mover.xy_at(times)
        dx, dy = there[0] - xs, there[1] - ys
    near = dx * dx + dy * dy <= most_m * most_m * 1.001  # nearly: `hypot` takes four times as long
    for flat_ms, changed_ms in piece.silent:
        near &= (times < flat_ms) | (times >= changed_ms)
    found = near.nonzero()[0]
    metres: Floats = np.hypot(dx[found], dy[found])
    sure = metres <= most_m
    return found[sure], metres[sure]


def _spells(times: Times, metres: Floats) -> Iterator[tuple[int, int, float]]:
    """Give (start, end, nearest) of every spell of nearness; gaps up to a minute are closed."""
    if not len(times):
        return
    breaks = np.flatnonzero(times[1:] - times[:-1] > PRESENCE_GAP_MS) + 1
    for first, after in pairwise([0, *breaks.tolist(), len(times)]):
        nearest = round(float(metres[first:after].min()), 2)
        yield int(times[first]), int(times[after - 1]), nearest


def _order(one: dict[str, Any]) -> tuple[int, str]:
    return one["start"], one.get("parcel_id") or one["tag_mac"]
