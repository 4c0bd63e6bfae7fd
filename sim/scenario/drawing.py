"""The site as it is drawn: parcels, areas, equipment and its way, the network and its outages."""

from __future__ import annotations

import math
from typing import Any

from sim.scenario.plan.roster import Roster
from sim.scenario.plan.site import EquipmentPlan, SitePlan
from sim.world.movement import Journey

FIELD_CELLS = 48  # along the longer side
FIELD_EDGE_M = 20.0
THRESHOLD_DBM = -70  # of a group that says none: the badge's own


def drawing_of(roster: Roster) -> dict[str, Any]:
    """Give the site in metres about its origin, as JSON; moments are ms of the run.

    `reach_m` of equipment is where a badge that faces it hears the threshold on average.
    """
    plan = roster.site_plan
    coverage = plan.coverage
    threshold_dbm = roster.config(0).ble_rssi_threshold if len(roster) else THRESHOLD_DBM
    return {
        "origin": list(plan.source.scenario.site.origin),
        "start_unix_ms": plan.clock.start_unix_ms,
        "threshold_dbm": threshold_dbm,
        "depot": list(plan.depot),
        "areas": [
            {
                "name": area.name,
                "kind": area.kind,
                "rings": [
                    [[round(x, 2), round(y, 2)] for x, y, *_ in ring.coords]
                    for ring in (area.polygon.exterior, *area.polygon.interiors)
                ],
            }
            for area in plan.site.areas
        ],
        "equipment": [_piece(plan, one, threshold_dbm) for one in plan.equipment.values()],
        "coverage": {
            "base_dbm": coverage.base_dbm,
            "field": _field(plan),
            "zones": [{"area": zone.area.name, "gain_db": zone.gain_db} for zone in coverage.zones],
            "outages": [
                {
                    "t0_ms": outage.t0_ms,
                    "t1_ms": outage.t1_ms,
                    "area": None if outage.area is None else outage.area.name,
                }
                for outage in coverage.outages
            ],
        },
    }


def _field(plan: SitePlan) -> dict[str, Any]:
    """Give the network's bars without outages over the site, row by row from the south."""
    boxes = [area.polygon.bounds for area in plan.site.areas] or [(*plan.depot, *plan.depot)]
    west, south, east, north = (
        pick(side)
        for pick, side in zip((min, min, max, max), zip(*boxes, strict=True), strict=True)
    )
    x0, y0 = min(west, plan.depot[0]) - FIELD_EDGE_M, min(south, plan.depot[1]) - FIELD_EDGE_M
    wide = max(east, plan.depot[0]) + FIELD_EDGE_M - x0
    high = max(north, plan.depot[1]) + FIELD_EDGE_M - y0
    step_m = round(max(wide, high) / FIELD_CELLS, 2)
    xs = [x0 + (i + 0.5) * step_m for i in range(math.ceil(wide / step_m))]
    ys = [y0 + (i + 0.5) * step_m for i in range(math.ceil(high / step_m))]
    bars = [plan.coverage.bars_without_outage([(x, y) for x in xs]) for y in ys]
    rows = ["".join(map(str, row)) for row in bars]
    return {"x_m": round(x0, 2), "y_m": round(y0, 2), "step_m": step_m, "bars": rows}


def _piece(plan: SitePlan, piece: EquipmentPlan, threshold_dbm: int) -> dict[str, Any]:
    air = plan.environment
    margin_db = air.rssi_1m_dbm + piece.tag.gain_db - threshold_dbm
    mover = piece.mover
    if isinstance(mover, Journey):
        way = [[t_ms, round(x, 2), round(y, 2)] for t_ms, x, y in mover.corners()]
    else:
        x, y, _, _ = mover.box_over(0, 0)
        way = [[0, round(x, 2), round(y, 2)]]
    return {
        "name": piece.name,
        "mac": piece.tag.mac,
        "known": piece.known,
        "reach_m": round(min(10.0 ** (margin_db / (10.0 * air.exponent)), air.reach_m), 1),
        "way": way,
    }
