"""RSSI tables: CSV with the columns `unix_ms`, `mac` and `rssi`, others ignored.

Spreadsheets change what they are given: they write semicolons where a comma is the decimal sign,
fractions behind whole numbers, and long numbers as 1.71456E+12.  The first three are read; the
last has lost its digits, and is refused by name.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from badge.errors import InputError
from sim.sources.track import EARLIEST_UTC_MS, LATEST_UTC_MS

COLUMNS = ("unix_ms", "mac", "rssi")

BAD_TIME = "without a readable time"
LOST_DIGITS = "whose time lost its digits to a spreadsheet"
BAD_MAC = "without a MAC"
BAD_RSSI = "without a readable RSSI"
SHORT = "with too few cells"

_MAC = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2}){5}")
# Digits that 1.71456E+12 keeps; a moment in milliseconds has 13.
_SCIENTIFIC = re.compile(r"([+-]?\d+(?:[.,]\d+)?)[eE]\+?(\d{1,3})")


@dataclass(frozen=True, slots=True)
class Row:
    """One readable row: Unix milliseconds, MAC in upper case with colons, RSSI as written."""

    utc_ms: int
    mac: str
    rssi_dbm: int


@dataclass(frozen=True, slots=True)
class BadRow:
    """One that cannot be read: the kind of its fault, and a sentence with its place."""

    reason: str
    sentence: str


def read_rssi_table(content: bytes, name: str) -> Iterator[Row | BadRow]:
    """The rows in the order of the file, readable or not.

    Cells may be apart by comma, semicolon or tab, as the header's are; times may be in
    milliseconds or in seconds since 1970.  InputError, before the first row, for what is not UTF-8
    or UTF-16, or lacks one of the three columns.
    """
    lines = _decoded(content, name).splitlines()
    delimiter = max(",;\t", key=lines[0].count) if lines else ","
    header = [cell.strip().lower() for cell in _cells(lines[0], delimiter)] if lines else []
    if any(column not in header for column in COLUMNS):
        raise InputError(f"{name}, line 1: not the header of a table; it needs unix_ms,mac,rssi")
    at = tuple(header.index(column) for column in COLUMNS)
    return (
        _row(_cells(line, delimiter), at, f"{name}, line {number}")
        for number, line in enumerate(lines[1:], start=2)
        if line.strip()
    )


def _decoded(content: bytes, name: str) -> str:
    utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))  # Excel's "Unicode text"
    try:
        return content.decode("utf-16" if utf_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}, byte {error.start}: neither a capture (btsnoop, pcap, pcapng, PacketLogger) "
            "nor UTF-8 text; give a capture or a CSV with unix_ms,mac,rssi"
        ) from None


def _cells(line: str, delimiter: str) -> list[str]:
    """A line by itself: a stray quote must not swallow the rest of the file."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _row(cells: list[str], at: tuple[int, ...], place: str) -> Row | BadRow:
    if len(cells) <= max(at):
        return BadRow(SHORT, f"{place}: has {len(cells)} of at least {max(at) + 1} cells")
    time_text, mac_text, rssi_text = (cells[index].strip() for index in at)
    if _has_lost_digits(time_text):
        return BadRow(
            LOST_DIGITS,
            f"{place}: {time_text[:40]!r} has lost its last digits; format the column as a number "
            "without decimals before saving the table",
        )
    utc_ms, rssi_dbm = _moment(time_text), _whole(rssi_text)
    mac = mac_text.upper().replace("-", ":")
    if utc_ms is None:
        return BadRow(
            BAD_TIME, f"{place}: {time_text[:40]!r} is not a time in milliseconds since 1970"
        )
    if not _MAC.fullmatch(mac):
        return BadRow(BAD_MAC, f"{place}: {mac_text[:40]!r} is not a MAC address")
    if rssi_dbm is None:
        return BadRow(BAD_RSSI, f"{place}: {rssi_text[:40]!r} is not an RSSI in dBm")
    return Row(utc_ms, mac, rssi_dbm)


def _has_lost_digits(text: str) -> bool:
    found = _SCIENTIFIC.fullmatch(text)
    return found is not None and len(found[1].lstrip("+-0").replace(",", ".").replace(".", "")) < (
        int(found[2]) + 1
    )


def _moment(text: str) -> int | None:
    """Unix milliseconds of a time in milliseconds or in seconds: their ranges do not meet."""
    number = _number(text)
    if number is None:
        return None
    for scale in (1, 1000):
        if EARLIEST_UTC_MS <= number * scale <= LATEST_UTC_MS:
            return round(number * scale)
    return None


def _whole(text: str) -> int | None:
    """An integer, also one that a spreadsheet wrote with a fraction."""
    number = _number(text)
    try:
        return None if number is None else round(number)
    except (ValueError, OverflowError):  # not a number, infinite
        return None


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
