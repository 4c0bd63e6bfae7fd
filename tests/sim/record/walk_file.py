"""Walks as GPX files, and what came of them."""

from __future__ import annotations

import json

GPX = (
    '<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">'
    "<trk><trkseg>{}</trkseg></trk></gpx>"
)


def write_walk(path, seconds, every_s):
    """Walk north at 1.1 m/s."""
    path.write_text(GPX.format("".join(_point(s) for s in range(0, seconds, every_s))))


def _point(second):
    return (
        f'<trkpt lat="{45.5 + second / 1e5:.5f}" lon="15.5">'
        f"<time>2026-03-14T08:{second // 60:02d}:{second % 60:02d}Z</time></trkpt>\n"
    )


def lines(path):
    """All lines of a file of JSON lines."""
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def numbers(events):
    return [event["sequence_number"] for event in events]
