"""Where a gate is measured: the surveyed point, the tag, its distances."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from badge.config import BadgeConfig
from badge.errors import InputError
from hil.gates.figures import Sample

# Of longitude at the equator and of latitude at 45 degrees (WGS84): within 15 m of a point the
# plane is right to millimetres anywhere.
_M_PER_DEGREE = 111_320.0
_M_PER_DEGREE_LAT = 111_150.0
METRES_MAX = 200  # no tag is heard further
LatLon = tuple[float, float]


def off_m(surveyed: LatLon, lat: float, lon: float) -> float:
    """Return the metres between a fix and the surveyed point, on a plane through it."""
    north = (lat - surveyed[0]) * _M_PER_DEGREE_LAT
    east = (lon - surveyed[1]) * _M_PER_DEGREE * math.cos(math.radians(surveyed[0]))
    return math.hypot(north, east)


def fix_samples(payloads: Iterable[Mapping[str, object]], surveyed: LatLon) -> list[Sample]:
    """Return gate 2's samples: each `gps` payload and how far off it is."""
    return [_sample(number, fix, surveyed) for number, fix in enumerate(payloads, 1)]


def _sample(number: int, fix: Mapping[str, object], surveyed: LatLon) -> Sample:
    lat, lon, accuracy_m = fix["lat"], fix["lon"], fix["accuracy_m"]
    assert isinstance(lat, int | float)  # the schema has been kept
    assert isinstance(lon, int | float)
    assert isinstance(accuracy_m, int | float)
    return {
        "sample": number,
        "lat": lat,
        "lon": lon,
        "accuracy_m": accuracy_m,
        "off_m": round(off_m(surveyed, lat, lon), 1),
    }


def read_place(text: str) -> LatLon:
    """Read `LAT,LON` in degrees; InputError for anything else."""
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"--at {text!r}: write LAT,LON in degrees, like 45.81,15.98") from None
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        raise InputError(f"--at {text!r}: not on the earth; LAT is -90…90, LON -180…180")
    return lat, lon


def read_metres(text: str) -> tuple[int, ...]:
    """Read `5,10` or `1-15`, in metres; InputError for anything else."""
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise InputError(f"--metres {text!r}: write metres like 5,10 or 1-15")
        found += range(int(first), int(last if dash else first) + 1)
    if not found or not 1 <= min(found) <= max(found) <= METRES_MAX:
        raise InputError(f"--metres {text!r}: 1 to {METRES_MAX} m are possible")
    return tuple(dict.fromkeys(found))


def tag_of(config: BadgeConfig, asked: str | None) -> str:
    """Return the MAC of gate 3's tag; InputError if neither the user nor the badge knows one."""
    known = [asked] if asked else config.known_equipment_tags
    if not known:
        raise InputError("gate 3 needs a tag: --tag AA:BB:CC:DD:EE:FF, or one in the configuration")
    return known[0]
