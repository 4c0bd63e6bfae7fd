"""GPX 1.0 and 1.1 (Topografix schemas) to a track.

Of a track point six things count: where, when, height, HDOP, kind of fix, speed.  They are picked
out while the standard library's expat walks through the document, so that a file with one odd
point, a namespace prefix or another encoding gives all its other points: of 427 files of 95
makers, libraries that build the whole document refuse some twenty for such reasons.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import NoReturn
from xml.parsers import expat

from badge.contract.events import FixType
from badge.errors import InputError
from badge.words import counted
from sim.sources.skipped import Skipped
from sim.sources.track import (
    Track,
    TrackFix,
    TrackPoint,
    recorded_utc_ms,
    track_of,
)

# Far more than any maker nests (extensions of extensions: 9); expat's own stack is not tested here.
_MAX_DEPTH = 64
# Text of one element that is looked at: a time or a number has at most some thirty characters.
_MAX_TEXT = 64
_FIX_TYPES: dict[str, FixType] = {"2d": "2d", "3d": "3d", "dgps": "3d", "pps": "3d"}
_TOLD = frozenset({"time", "ele", "hdop", "fix", "speed"})

NO_TIME = "without a time"
BAD_TIME = "with a time that cannot be read"
OUT_OF_TIME = "with a time outside of 1980 to 2100"
NO_PLACE = "without a latitude or longitude"
OFF_LATITUDE = "with a latitude beyond ±90"
OFF_LONGITUDE = "with a longitude beyond ±180"


def read_gpx(content: bytes, name: str) -> Track:
    """The points with a time of all tracks of a GPX file, sorted, of equal times the first.

    Points that cannot be used are skipped and counted by reason.  InputError for what is not
    well-formed XML, not GPX, or has no usable point.
    """
    points: list[TrackPoint] = []
    skipped: Counter[str] = Counter()

    def take(place: dict[str, str], told: dict[str, str]) -> None:
        point = _point(place, told)
        if isinstance(point, str):
            skipped[point] += 1
        else:
            points.append(point)

    # XML forbids blank lines ahead of its declaration; they are a common mishap.
    _Reader(name, take).parse(content.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n"))
    total = len(points) + skipped.total()
    if not points:
        _refuse(skipped, total, name)
    return track_of(points, Skipped.of(skipped, total, "points"))


class _Reader:
    """Walks through the XML and hands on the attributes and direct children of each `trkpt`.

    Names are compared without their prefix: which one is bound to GPX differs by maker, and some
    bind none.  Depth is bounded, and a DOCTYPE refused, since entities are how XML grows.
    """

    def __init__(self, name: str, take: Callable[[dict[str, str], dict[str, str]], None]) -> None:
        self._name = name
        self._take = take
        self._place: dict[str, str] = {}
        self._told: dict[str, str] = {}
        self._depth = 0
        self._point_depth = 0  # of the trkpt that is open; 0: none
        self._text: list[str] | None = None
        self._length = 0

    def parse(self, content: bytes) -> None:
        """The whole document; the encoding is the one that it declares, or its byte order mark."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._opened
        parser.EndElementHandler = self._closed
        parser.CharacterDataHandler = self._said
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        try:
            parser.Parse(content, True)
        except expat.ExpatError as error:
            raise InputError(
                f"{self._name}, line {error.lineno}: not XML "
                f"({expat.ErrorString(error.code)}); export the track again as GPX"
            ) from None
        except (LookupError, ValueError) as error:  # an encoding that does not exist, or several
            raise InputError(
                f"{self._name}: its encoding cannot be read ({error}); save it in UTF-8"
            ) from None

    def _opened(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        local = tag.rpartition(":")[2]
        if self._depth == 1 and local != "gpx":
            raise InputError(f"{self._name}: XML, but not GPX; export the track as GPX")
        if self._depth > _MAX_DEPTH:
            raise InputError(
                f"{self._name}: nested deeper than {_MAX_DEPTH}; export it as plain GPX"
            )
        if self._point_depth:
            wanted = self._depth == self._point_depth + 1 and local in _TOLD
            self._text, self._length = ([] if wanted else None), 0
        elif local == "trkpt":
            self._point_depth = self._depth
            self._place, self._told = attributes, {}

    def _closed(self, tag: str) -> None:
        if self._depth == self._point_depth:
            self._point_depth = 0
            self._take(self._place, self._told)
        elif self._text is not None:
            # Of a thing that a point tells twice, the first word stands.
            self._told.setdefault(tag.rpartition(":")[2], "".join(self._text).strip())
            self._text = None
        self._depth -= 1

    def _said(self, text: str) -> None:
        if self._text is not None and self._length <= _MAX_TEXT:
            self._length += len(text.strip())
            self._text.append(text)

    def _refuse_doctype(self, *_doctype: object) -> NoReturn:
        raise InputError(f"{self._name}: has a DOCTYPE, which GPX never needs; remove it")


def _point(place: dict[str, str], told: dict[str, str]) -> TrackPoint | str:
    """The point, or the reason why it is none."""
    lat, lon = _number(place.get("lat")), _number(place.get("lon"))
    if lat is None or lon is None:
        return NO_PLACE
    if abs(lat) > 90.0:
        return OFF_LATITUDE
    if abs(lon) > 180.0:
        return OFF_LONGITUDE
    utc_ms = _utc_ms(told.get("time", ""))
    if isinstance(utc_ms, str):
        return utc_ms
    return TrackPoint(utc_ms, None if told.get("fix") == "none" else _fix(lat, lon, told))


def _fix(lat: float, lon: float, told: dict[str, str]) -> TrackFix:
    speed_mps = _number(told.get("speed"))
    hdop = _number(told.get("hdop"))
    return TrackFix(
        lat=lat,
        lon=lon,
        altitude_m=_number(told.get("ele")),
        hdop=hdop if hdop is not None and hdop > 0 else None,
        speed_kmh=speed_mps * 3.6 if speed_mps is not None and speed_mps >= 0 else None,
        fix_type=_FIX_TYPES.get(told.get("fix", "")),
    )


def _number(text: str | None) -> float | None:
    """A finite number, or None; a comma for the point is what some locales write."""
    try:
        number = float((text or "").replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _utc_ms(text: str) -> int | str:
    """Unix milliseconds, or what is wrong; a time without zone is UTC, as the schema demands."""
    if not text:
        return NO_TIME
    # xsd:dateTime allows any count of digits behind the point; fromisoformat takes at most six.
    clipped = re.sub(r"(\.\d{6})\d+", r"\1", text)
    try:
        utc_ms = recorded_utc_ms(datetime.fromisoformat(clipped))
    except (ValueError, OverflowError):
        return BAD_TIME
    return OUT_OF_TIME if utc_ms is None else utc_ms


def _refuse(skipped: Counter[str], total: int, name: str) -> NoReturn:
    if not total:
        raise InputError(
            f"{name}: no track in it; give a recorded track, with <time>, not a planned route"
        )
    reasons = Skipped.of(skipped, total, "points").counts
    told = ", ".join(f"{count} {reason}" for reason, count in reasons)
    raise InputError(
        f"{name}: of {counted(total, 'track point')} none can be used: {told}; give a "
        "recorded track, with <time> in each point"
    )
