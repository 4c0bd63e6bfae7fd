"""RSSI tables: CSV with the columns `unix_ms`, `mac` and `rssi`, others ignored."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from badge.errors import InputError
from sim.sources.track import EARLIEST_UTC_MS, LATEST_UTC_MS

COLUMNS = ("unix_ms", "mac", "rssi")

_MAC = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2}){5}")


@dataclass(frozen=True, slots=True)
class Row:
    """One readable row: Unix milliseconds, MAC in upper case with colons, RSSI as written."""

    utc_ms: int
    mac: str
    rssi_dbm: int


def read_rssi_table(content: bytes, name: str) -> Iterator[Row | str]:
    """The rows in the order of the file; for an unreadable row a sentence about it instead.

    InputError, before the first row, for what is not UTF-8 or lacks one of the three columns.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}, byte {error.start}: neither a capture (btsnoop, pcap, pcapng) nor UTF-8 "
            "text; give a capture or a CSV with unix_ms,mac,rssi"
        ) from None
    lines = text.splitlines()
    header = [cell.strip().lower() for cell in _cells(lines[0])] if lines else []
    if any(column not in header for column in COLUMNS):
        raise InputError(f"{name}, line 1: not the header of a table; it needs unix_ms,mac,rssi")
    at = tuple(header.index(column) for column in COLUMNS)
    return (
        _row(_cells(line), at, f"{name}, line {number}")
        for number, line in enumerate(lines[1:], start=2)
        if line.strip()
    )


def _cells(line: str) -> list[str]:
    """A line by itself: a stray quote must not swallow the rest of the file."""
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []


def _row(cells: list[str], at: tuple[int, ...], place: str) -> Row | str:
    if len(cells) <= max(at):
        return f"{place}: has {len(cells)} of at least {max(at) + 1} cells"
    time_text, mac_text, rssi_text = (cells[index].strip() for index in at)
    utc_ms, rssi_dbm = _whole(time_text), _whole(rssi_text)
    mac = mac_text.upper().replace("-", ":")
    if utc_ms is None or not EARLIEST_UTC_MS <= utc_ms <= LATEST_UTC_MS:
        return f"{place}: {time_text[:40]!r} is not a time in milliseconds since 1970"
    if not _MAC.fullmatch(mac):
        return f"{place}: {mac_text[:40]!r} is not a MAC address"
    if rssi_dbm is None:
        return f"{place}: {rssi_text[:40]!r} is not an RSSI in dBm"
    return Row(utc_ms, mac, rssi_dbm)


def _whole(text: str) -> int | None:
    """An integer, also one that a spreadsheet wrote with a fraction."""
    try:
        return round(float(text))
    except (ValueError, OverflowError):  # no number, not a number, infinite
        return None
