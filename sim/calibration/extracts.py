"""The public data sets' extracts, as columns.  They are not part of the project: see docs/world.md.

BLE: mitll/BLE-RSSI-Various-Static-Configurations, CC BY 4.0, © 2020 Massachusetts Institute of
Technology; two boards at rest: NIST, ececli/Exposure-Notification-on-RPi, a US government work;
GNSS along a surveyed route: robjordan/gps-accuracy, Apache-2.0.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from badge.errors import InputError
from sim.world.place import Floats, Times

FACING, STANDING = "ble-body-facing.csv", "ble-standing-raw.csv"
BENCH, ROUTE = "ble-bench-nobody.csv", "gnss-moving-routeA-Garmin-Etrex-30x.csv"


@dataclass(frozen=True, slots=True)
class Turned:
    """One person who turned to eight facings: a row for each second and channel.

    `t_ms` counts the seconds of one facing after the other, `dwell_s` of each at most.
    """

    environment: str
    carried: str
    facing: Times
    t_ms: Times
    count: Floats
    mean_dbm: Floats
    most_dbm: Floats


@dataclass(frozen=True, slots=True)
class Samples:
    """Single adverts of one series: what it was, ms, channel (37 to 39; 0: not told), dBm."""

    name: str
    t_ms: Times
    channel: Times
    rssi: Floats


def read_turned(folder: Path, dwell_s: int = 15) -> list[Turned]:
    """Read the people who turned, `dwell_s` seconds of each facing."""
    series: dict[tuple[str, str], list[tuple[int, int, float, float, float]]] = {}
    for row in _rows(folder / FACING, "facing_deg", "second", "n", "mean_dbm", "max_dbm"):
        second, facing = int(row["second"]), int(row["facing_deg"])
        if second < dwell_s:
            place = facing // 45 * dwell_s + second
            one = facing, place * 1000, float(row["n"]), float(row["mean_dbm"])
            found = series.setdefault((row["environment"], row["carried"]), [])
            found.append((*one, float(row["max_dbm"])))
    return [_turned(*key, np.array(sorted(rows))) for key, rows in series.items()]


def _turned(environment: str, carried: str, rows: Floats) -> Turned:
    facing, t_ms = rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64)
    return Turned(environment, carried, facing, t_ms, rows[:, 2], rows[:, 3], rows[:, 4])


def read_standing(folder: Path) -> list[Samples]:
    """Read single adverts of people who stand."""
    series: dict[str, list[tuple[int, int, int]]] = {}
    for row in _rows(folder / STANDING, "ms", "channel", "rssi"):
        name = f"{row['carried']} {row['facing_deg']}°"
        found = int(row["ms"]), int(row["channel"]), int(row["rssi"])
        series.setdefault(name, []).append(found)
    return [_samples(name, rows) for name, rows in series.items()]


def read_bench(folder: Path) -> list[Samples]:
    """Read two boards that nobody touches; which channel is not told."""
    series: dict[str, list[tuple[int, int, int]]] = {}
    for row in _rows(folder / BENCH, "cm", "s", "rssi"):
        found = round(float(row["s"]) * 1000), 0, int(row["rssi"])
        series.setdefault(f"{row['cm']} cm", []).append(found)
    return [_samples(name, rows) for name, rows in series.items()]


def _samples(name: str, rows: list[tuple[int, int, int]]) -> Samples:
    t_ms, channel, rssi = np.array(sorted(rows)).T
    return Samples(name, t_ms, channel, rssi.astype(np.float64))


def read_route(folder: Path) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Read a surveyed route and the fixes of a receiver that rode along it, in degrees."""
    route: list[tuple[float, float]] = []
    fixes: list[tuple[float, float]] = []
    for row in _rows(folder / ROUTE, "kind", "lat", "lon"):
        where = route if row["kind"] == "route" else fixes
        where.append((float(row["lat"]), float(row["lon"])))
    return route, fixes


def _rows(path: Path, *columns: str) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines)
            if not set(columns) <= set(rows.fieldnames or ()):
                raise InputError(f"{path}: not the extract that docs/world.md names")
            yield from rows
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
