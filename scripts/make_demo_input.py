"""Make the input that `badge demo` ships: a landscaper's walk and the adverts around it.

    python scripts/make_demo_input.py

One eight-hour shift on three properties: a GPX track with a point every 30 s, and an RSSI table
of three tags (a mower pushed along, a trailer parked on the street, a truck that passes by).
"""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "sim" / "demo" / "input"
START = datetime(2026, 3, 16, 11, 0, tzinfo=UTC)
SHIFT_S, POINT_S, ADVERT_S = 8 * 3600, 30, 2
LAT, LON, DEGREE_M = 33.749001, -84.387982, 111_320.0
MOWER, TRAILER, TRUCK = "F4:A7:2E:11:03:BC", "F4:A7:2E:11:03:BD", "F4:A7:2E:11:03:BE"
PROPERTIES = ((0.0, 0.0), (180.0, 40.0), (260.0, -150.0))
LUNCH = range(4 * 3600, 4 * 3600 + 2700)
INDOORS = range(6 * 3600, 6 * 3600 + 900)


def place(second: int) -> tuple[float, float]:
    """Return metres east and north of the first property."""
    x, y = PROPERTIES[min(second * 3 // SHIFT_S, 2)]
    if second in LUNCH:
        return x - 20, y - 30
    turn = second / 50
    return x + 18 * math.cos(turn) + 6 * math.sin(turn * 7), y + 14 * math.sin(turn * 2)


def gpx() -> str:
    """Return the track; indoors there are no points."""
    points = []
    for second in range(0, SHIFT_S + 1, POINT_S):
        if second in INDOORS:
            continue
        east, north = place(second)
        lat = LAT + north / DEGREE_M
        lon = LON + east / (DEGREE_M * math.cos(math.radians(LAT)))
        at = (START + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")
        hdop = 0.8 + 0.4 * (second // 1800 % 3)
        points.append(
            f'<trkpt lat="{lat:.6f}" lon="{lon:.6f}"><ele>312.0</ele><time>{at}</time>'
            f"<hdop>{hdop:.1f}</hdop></trkpt>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gpx version="1.1" creator="badge-simulator" xmlns="http://www.topografix.com/GPX/1/1">\n'
        "<trk><name>one shift, three properties</name><trkseg>\n"
        + "\n".join(points)
        + "\n</trkseg></trk></gpx>\n"
    )


def rssi_dbm(distance_m: float, rng: random.Random) -> int:
    """Return -50 dBm at a metre, about -70 at five, with fading."""
    return round(-50 - 28.6 * math.log10(max(distance_m, 0.5)) + rng.gauss(0, 3))


def table() -> str:
    """Return the RSSI table `unix_ms,mac,rssi` of what the badge hears."""
    rng = random.Random(7)
    rows = ["unix_ms,mac,rssi"]
    zero_ms = int(START.timestamp() * 1000)
    for second in range(0, SHIFT_S, ADVERT_S):
        here = place(second)
        for mac, distance_m in distances(second, here):
            level = rssi_dbm(distance_m, rng)
            if level >= -95:
                rows.append(f"{zero_ms + second * 1000 + rng.randrange(1000)},{mac},{level}")
    head, body = rows[0], sorted(rows[1:])
    return "\n".join([head, *body]) + "\n"


def distances(second: int, here: tuple[float, float]) -> list[tuple[str, float]]:
    """Return how far the tags within reach are."""
    found = []
    if second % 5400 < 2400 and second not in LUNCH:
        found.append((MOWER, 1.8))
    x, y = PROPERTIES[min(second * 3 // SHIFT_S, 2)]
    found.append((TRAILER, math.dist(here, (x - 22, y - 32))))
    if second % 3600 in range(1800, 1812):
        found.append((TRUCK, 3.0 + abs(second % 3600 - 1806)))
    return [(mac, distance) for mac, distance in found if distance < 22]


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "shift.gpx").write_text(gpx(), encoding="utf-8")
    (FOLDER / "shift.csv").write_text(table(), encoding="utf-8")
