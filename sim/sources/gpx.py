"""GPX 1.0 and 1.1 (Topografix schemas) to a track, read by gpxpy."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import NoReturn
from xml.parsers import expat

import gpxpy
from gpxpy.gpx import GPX, GPXTrackPoint

from badge.contract.events import FixType
from badge.errors import InputError
from sim.sources.track import (
    EARLIEST_UTC_MS,
    LATEST_UTC_MS,
    Track,
    TrackFix,
    TrackPoint,
    position_is_real,
    track_of,
)

_MAX_DEPTH = 64
_MAX_NAMESPACES = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIX_TYPES: dict[str | None, FixType] = {"2d": "2d", "3d": "3d", "dgps": "3d", "pps": "3d"}


def read_gpx(content: bytes, name: str) -> Track:
    """The points with a time of all tracks of a GPX file, sorted, of equal times the first.

    InputError for anything else; points without a time, or off the Earth, count as skipped.
    """
    text = _decoded(content, name)
    _refuse_hostile(text, name)
    gpx = _parsed(text, name)
    raw = [point for track in gpx.tracks for segment in track.segments for point in segment.points]
    points = [point for point in map(_track_point, raw) if point is not None]
    if not points:
        _refuse_timeless(len(raw), name)
    return track_of(points, skipped_count=len(raw) - len(points))


def _decoded(content: bytes, name: str) -> str:
    try:
        # Blank lines ahead of the XML declaration are a common mishap, and forbidden by XML.
        return content.decode("utf-8-sig").lstrip()
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}, byte {error.start}: not UTF-8 text; save the GPX file in UTF-8"
        ) from None


def _refuse_hostile(text: str, name: str) -> None:
    """Refuse what gpxpy does not survive: entities, deep nesting (the copying of extensions
    recurses in C), and namespace texts on which its patterns take quadratic time.
    """
    _walk_xml(text, name)
    declared = set(re.findall(r'\sxmlns[^=]{0,200}="[^"]*"', text))
    if len(declared) > _MAX_NAMESPACES or re.search(r"\sxmlns[^=]{200}", text):
        raise InputError(f"{name}: too many XML namespaces; export the track again as plain GPX")


def _walk_xml(text: str, name: str) -> None:
    depth = 0

    def opened(tag: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth == 1 and tag.rpartition(":")[2] != "gpx":
            raise InputError(f"{name}: XML, but not GPX; export the track as GPX")
        if depth > _MAX_DEPTH:
            raise InputError(f"{name}: nested deeper than {_MAX_DEPTH}; export it as plain GPX")

    def closed(_tag: str) -> None:
        nonlocal depth
        depth -= 1

    def declared(*_doctype: object) -> NoReturn:
        raise InputError(f"{name}: has a DOCTYPE, which GPX never needs; remove it")

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.StartDoctypeDeclHandler = declared
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise InputError(f"{name}: not XML ({error}); export the track again as GPX") from None


def _parsed(text: str, name: str) -> GPX:
    try:
        return gpxpy.parse(text)
    except Exception as error:  # gpxpy lets what its converters and ElementTree raise pass
        raise InputError(
            f"{name}: not valid GPX ({str(error)[:120]!r}); export the track again"
        ) from None


def _refuse_timeless(untimed: int, name: str) -> NoReturn:
    what = f"none of its {untimed} track points has a usable time" if untimed else "no track in it"
    raise InputError(f"{name}: {what}; give a recorded track, with <time>, not a planned route")


def _track_point(point: GPXTrackPoint) -> TrackPoint | None:
    utc_ms = _utc_ms(point.time)
    if utc_ms is None or not position_is_real(point.latitude, point.longitude):
        return None
    return TrackPoint(utc_ms, None if point.type_of_gpx_fix == "none" else _fix(point))


def _fix(point: GPXTrackPoint) -> TrackFix:
    speed_mps = _sane(point.speed)
    hdop = _sane(point.horizontal_dilution)
    return TrackFix(
        lat=point.latitude,
        lon=point.longitude,
        altitude_m=_sane(point.elevation),
        hdop=hdop if hdop is not None and hdop > 0 else None,
        speed_kmh=speed_mps * 3.6 if speed_mps is not None and speed_mps >= 0 else None,
        fix_type=_FIX_TYPES.get(point.type_of_gpx_fix),
    )


def _sane(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def _utc_ms(time: datetime | None) -> int | None:
    """Unix milliseconds; a time without zone is UTC, as the GPX schema demands."""
    if time is None:
        return None
    try:
        aware = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
        utc_ms = (aware - _EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):  # a zone of more than a day
        return None
    return utc_ms if EARLIEST_UTC_MS <= utc_ms <= LATEST_UTC_MS else None
