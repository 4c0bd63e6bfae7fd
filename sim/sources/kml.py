"""KML 2.2 tracks (`gx:Track`, OGC 12-007r2 section 11) to a track, read by fastkml."""

from __future__ import annotations

import logging
import re
import warnings
from collections import Counter
from datetime import datetime
from typing import Any

from badge.errors import InputError
from sim.sources.gpx import NO_PLACE, NO_TIME, OFF_LATITUDE, OFF_LONGITUDE, OUT_OF_TIME
from sim.sources.skipped import Skipped
from sim.sources.track import (
    Track,
    TrackFix,
    TrackPoint,
    recorded_utc_ms,
    track_of,
)

# It logs what it cannot read, raw: nothing of a stranger's file goes to the terminal as it is.
logging.getLogger("fastkml").addHandler(logging.NullHandler())


def read_kml(content: bytes, name: str) -> Track:
    """The moments and places of all `gx:Track`s of a KML file, sorted by time.

    A place without a moment (a LineString) is no track.  InputError for what is not KML, or has
    no track in it.
    """
    if re.search(rb"<!DOCTYPE", content.replace(b"\0", b"")):
        raise InputError(f"{name}: has a DOCTYPE, which KML never needs; remove it")
    points: list[TrackPoint] = []
    skipped: Counter[str] = Counter()
    for moment, place in _told(content, name):
        point = _point(moment, place)
        if isinstance(point, str):
            skipped[point] += 1
        else:
            points.append(point)
    total = len(points) + skipped.total()
    if not points:
        told = ", ".join(f"{count} {reason}" for reason, count in skipped.items())
        raise InputError(
            f"{name}: no gx:Track with a moment and a place in it{told and f' ({told})'}; export "
            "the recorded track with its times, as GPX if there is the choice"
        )
    return track_of(points, Skipped.of(skipped, total, "points"))


def _told(content: bytes, name: str) -> list[tuple[datetime | None, tuple[float, ...]]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it recommends lxml, which only prints prettier
        from fastkml import gx, kml
        from fastkml.utils import find_all

        found: list[Any] = []
        try:
            document = kml.KML.from_string(content.decode(_encoding(content)), strict=False)
            for track in find_all(document, of_type=gx.Track):
                found += getattr(track, "track_items", ())
        except Exception as error:  # what ElementTree and the library's converters raise
            raise InputError(
                f"{name}: not KML that can be read ({str(error)[:120]!r}); export the track again, "
                "as GPX if there is the choice"
            ) from None
    return [
        (
            getattr(item.when, "dt", None),
            tuple(item.coord.coords[0]) if item.coord is not None and item.coord else (),
        )
        for item in found
    ]


def _encoding(content: bytes) -> str:
    return "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"


def _point(moment: object, place: tuple[float, ...]) -> TrackPoint | str:
    if not isinstance(moment, datetime):
        return NO_TIME
    if len(place) < 2:
        return NO_PLACE
    lon, lat = place[0], place[1]
    if not abs(lat) <= 90.0:
        return OFF_LATITUDE
    if not abs(lon) <= 180.0:
        return OFF_LONGITUDE
    utc_ms = recorded_utc_ms(moment)
    if utc_ms is None:
        return OUT_OF_TIME
    return TrackPoint(utc_ms, TrackFix(lat, lon, place[2] if len(place) > 2 else None))
