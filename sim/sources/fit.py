"""FIT activities (Garmin's FIT protocol) to a track, read by fitdecode."""

from __future__ import annotations

import io
import math
from collections import Counter
from datetime import datetime
from typing import Any

from badge.errors import InputError
from sim.sources.gpx import NO_PLACE, NO_TIME, OUT_OF_TIME
from sim.sources.skipped import Skipped
from sim.sources.track import (
    Track,
    TrackFix,
    TrackPoint,
    recorded_utc_ms,
    track_of,
)

# FIT writes degrees as a share of half a circle in 31 bits.
_DEGREES_PER_SEMICIRCLE = 180.0 / 2**31
CUT_OFF = "cut off or damaged at the end of the file"


def read_fit(content: bytes, name: str) -> Track:
    """The `record` messages of a FIT file that have a moment, sorted by time.

    One without a position is a moment without a fix.  A file that is cut off gives what is whole;
    that it was is counted.  InputError for what is not FIT or has no such message.
    """
    points: list[TrackPoint] = []
    skipped: Counter[str] = Counter()
    messages, damaged = _records(content, name)
    for told in messages:
        point = _point(told)
        if isinstance(point, str):
            skipped[point] += 1
        else:
            points.append(point)
    skipped[CUT_OFF] += damaged
    if not any(point.fix for point in points):
        raise InputError(
            f"{name}: no position with a time in it ({NO_PLACE}: {len(points)}); give an activity "
            "that was recorded with GPS"
        )
    return track_of(points, Skipped.of(skipped, len(messages) + damaged, "points"))


def _records(content: bytes, name: str) -> tuple[list[dict[str, Any]], int]:
    import fitdecode  # type: ignore[import-untyped]  # it ships no types

    found = []
    try:
        reader = fitdecode.FitReader(
            io.BytesIO(content),
            check_crc=fitdecode.CrcCheck.DISABLED,
            error_handling=fitdecode.ErrorHandling.IGNORE,
        )
        with reader:
            for frame in reader:
                if isinstance(frame, fitdecode.FitDataMessage) and frame.name == "record":
                    found.append({field.name: field.value for field in frame.fields})
    except Exception as error:  # FitError, and what its conversions raise on damaged fields
        if not found:
            raise InputError(
                f"{name}: not a FIT activity that can be read ({str(error)[:120]!r}); export it "
                "again, as GPX if there is the choice"
            ) from None
        return found, 1
    return found, 0


def _point(told: dict[str, Any]) -> TrackPoint | str:
    moment = told.get("timestamp")
    if not isinstance(moment, datetime):
        return NO_TIME
    utc_ms = recorded_utc_ms(moment)
    if utc_ms is None:
        return OUT_OF_TIME
    lat, lon = told.get("position_lat"), told.get("position_long")
    if not isinstance(lat, int) or not isinstance(lon, int):
        return TrackPoint(utc_ms, None)
    speed_mps = _number(told, "enhanced_speed", "speed")
    return TrackPoint(
        utc_ms,
        TrackFix(
            lat=max(-90.0, min(90.0, lat * _DEGREES_PER_SEMICIRCLE)),
            lon=lon * _DEGREES_PER_SEMICIRCLE,
            altitude_m=_number(told, "enhanced_altitude", "altitude"),
            speed_kmh=None if speed_mps is None or speed_mps < 0 else speed_mps * 3.6,
        ),
    )


def _number(told: dict[str, Any], *names: str) -> float | None:
    for name in names:
        value = told.get(name)
        if isinstance(value, int | float) and math.isfinite(value):
            return float(value)
    return None
