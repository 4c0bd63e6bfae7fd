"""Tracks as GPX 1.1: what each badge said of its place, and where it truly was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import BinaryIO
from xml.sax.saxutils import escape

from sim.view.export.rows import Degrees, need_utc, rows_of_picture, utc_of
from sim.view.sources.opened import Opened

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<gpx version="1.1" creator="badge export" xmlns="http://www.topografix.com/GPX/1/1">\n'
)
_ILLEGAL = dict.fromkeys((*range(9), 11, 12, *range(14, 32)), "?")


def write_gpx(opened: Opened, file: BinaryIO) -> None:
    """Write a track a badge, and one more of its true places."""
    need_utc(opened.picture, "GPX")
    tracks: dict[str, list[tuple[Degrees, float]]] = defaultdict(list)
    for one in rows_of_picture(opened.picture):
        name = f"{one.device_id} {one.worker}".strip()
        if one.said is not None:
            tracks[name].append((one.said, one.t_ms))
        if one.true is not None:
            tracks[f"{name}, true"].append((one.true, one.t_ms))
    file.write(_HEAD.encode())
    for name, points in tracks.items():
        file.writelines(line.encode() for line in _track(name, points))
    file.write(b"</gpx>\n")


def _track(name: str, points: Iterable[tuple[Degrees, float]]) -> Iterator[str]:
    yield f"<trk><name>{escape(name.translate(_ILLEGAL))}</name><trkseg>\n"
    for (lat, lon), t_ms in points:
        yield f'<trkpt lat="{lat:.6f}" lon="{lon:.6f}"><time>{utc_of(t_ms)}</time></trkpt>\n'
    yield "</trkseg></trk>\n"
