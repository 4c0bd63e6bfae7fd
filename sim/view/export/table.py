"""Events as CSV (RFC 4180), a row each."""

from __future__ import annotations

import csv
import io
from typing import BinaryIO

from sim.view.export.rows import ExportRow, rows_of_picture, utc_of
from sim.view.sources.opened import Opened

HEADINGS = (
    *("time", "ms", "device_id", "worker", "sequence_number", "event_type", "lat", "lon"),
    *("accuracy_m", "true_lat", "true_lon", "tag_mac", "value", "fate", "lag_s"),
)
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(opened: Opened, file: BinaryIO) -> None:
    """Write the table; `time` is empty where nobody knew UTC, `ms` counts from the first event."""
    start_ms = opened.picture.document["span"][0]
    utc = opened.picture.document["utc"]
    text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
    try:
        out = csv.writer(text)
        out.writerow(HEADINGS)
        out.writerows(_cells(one, start_ms, utc=utc) for one in rows_of_picture(opened.picture))
    finally:
        text.detach()


def _cells(one: ExportRow, start_ms: float, *, utc: bool) -> list[object]:
    lat, lon = one.said or ("", "")
    true_lat, true_lon = one.true or ("", "")
    return [
        utc_of(one.t_ms) if utc else "",
        round(one.t_ms - start_ms),
        _text(one.device_id),
        _text(one.worker),
        _cell(one.number),
        one.kind,
        *(lat, lon, _cell(one.accuracy_m), true_lat, true_lon),
        _text(one.tag_mac or ""),
        _cell(one.value),
        one.fate,
        _cell(one.lag_s),
    ]


def _cell(value: object) -> object:
    return "" if value is None else value


def _text(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value
