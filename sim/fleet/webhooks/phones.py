"""Where a worker's phone enters the H3 cells of GroupLink's areas of interest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sim.platforms.grouplink import EntryRule, Origin, cell_of, phone_of
from sim.scenario.language.platforms import GroupLink
from sim.scenario.plan.days import WornDay
from sim.scenario.plan.site import SitePlan
from sim.world.place import Times

STEP_MS = 10_000  # a phone on the move looks this often where it is
BEACON_DBM = -80.0  # a phone takes a beacon for near from here on; ours


@dataclass(frozen=True, slots=True)
class CellEntry:
    """A phone's entry that is to be announced, and the position that caused it."""

    ms: int
    cell: str
    lat: float
    lon: float
    origin: Origin


class WorkerPhone:
    """The phone of one worker, on the worker's own way through every day."""

    def __init__(self, site_plan: SitePlan, words: GroupLink, cells: frozenset[str]) -> None:
        self._site_plan, self._words, self._cells = site_plan, words, cells

    def entries(self, worker_id: str, salt: str, days: Sequence[WornDay]) -> Iterator[CellEntry]:
        """Give the entries that the 24-hour rule and its exception let through, in order."""
        rule = EntryRule(exit_confirm_ms=self._words.exit_confirm_s * 1000)
        mm = phone_of(worker_id, salt).mm
        for day in days:
            before: str | None = None
            for ms, lat, lon, x_m, y_m in self._way(day):
                here = cell_of(lat, lon, self._words.resolution)
                cell = here if here in self._cells else None
                if before is not None and before != cell:
                    rule.outside(mm, before, ms)
                before = cell
                if cell is not None and rule.inside(mm, cell, ms):
                    yield CellEntry(ms, cell, lat, lon, self._origin(ms, x_m, y_m))
            if before is not None:
                rule.outside(mm, before, day.end_ms)  # the phone goes home with its worker

    def _way(self, day: WornDay) -> Iterator[tuple[int, float, float, float, float]]:
        plane, end_ms = self._site_plan.site.plane, self._site_plan.parameters.end_ms
        times = _moments(day, min(day.end_ms, end_ms))
        xs, ys = day.journey.xy_at(times)
        for ms, x, y in zip(times.tolist(), xs.tolist(), ys.tolist(), strict=True):
            yield (ms, *plane.to_latlon(x, y), x, y)

    def _origin(self, ms: int, x_m: float, y_m: float) -> Origin:
        """Say what told the phone: a beacon near by, else the sky, else the cellular network."""
        at = np.array([ms], dtype=np.int64)
        for piece in self._site_plan.equipment.values():
            there_x, there_y = piece.mover.xy_at(at)
            metres = float(np.hypot(there_x[0] - x_m, there_y[0] - y_m))
            if self._site_plan.environment.mean_dbm(metres) + piece.tag.gain_db >= BEACON_DBM:
                return "beacon"
        return "network" if self._site_plan.sky_at(x_m, y_m) == "indoor" else "gps"


def _moments(day: WornDay, end_ms: int) -> Times:
    """Give every ten seconds in which the worker moved, and the ends of the rests."""
    edges = [*day.journey.changes(), (day.end_ms, False)]
    parts = [np.array([day.start_ms, end_ms], dtype=np.int64)]
    for (start_ms, moving), (stop_ms, _) in pairwise(edges):
        step = STEP_MS if moving else max(stop_ms - start_ms, 1)
        parts.append(np.arange(start_ms, min(stop_ms, end_ms) + 1, step))
    times = np.unique(np.concatenate(parts))
    return times[(times >= day.start_ms) & (times <= end_ms)]
