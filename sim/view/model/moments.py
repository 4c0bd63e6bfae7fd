"""Moments as people write them, and events found by number or moment."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import numpy as np

from badge.entry import UNIX_MS_END, timestamp
from badge.errors import InputError
from badge.words import near
from sim.view.model.picture import Picture

DAY_MS = 86_400_000
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d(?:\.\d{1,3})?))?")
_MS = re.compile(r"(\d{1,12}) ?ms")


def moment_of(text: str, picture: Picture) -> float:
    """Read `10:42`, `10:42:05`, a UTC moment, or `15000ms` from the start; `InputError` else.

    A clock time is that of the picture's first day, or of the next where the first has passed it.
    """
    start_ms = float(picture.document["span"][0])
    if found := _MS.fullmatch(text):
        return start_ms + int(found[1])
    if found := _CLOCK.fullmatch(text):
        if not picture.document["utc"]:
            raise InputError(f"--at {text}: nobody knew UTC then; write ms from the start: 15000ms")
        of_day_ms = (int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3] or 0)) * 1000.0
        t_ms = start_ms // DAY_MS * DAY_MS + of_day_ms
        return t_ms if t_ms >= start_ms - 60_000 else t_ms + DAY_MS
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"--at {text}: no moment; write 10:42, 10:42:05, 2026-03-14T10:42:05Z or 15000ms"
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000.0


def refuse_no_moment(text: str) -> None:
    """Refuse what can be no moment of any picture: neither a clock, a UTC moment nor a number."""
    if _CLOCK.fullmatch(text) or (text.isdecimal() and text.isascii()):
        return
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"--at {text}: no moment; write 10:42, 10:42:05 or 2026-03-14T10:42:05Z"
        ) from None


def in_words(t_ms: float, picture: Picture) -> str:
    """Write a moment: UTC, or ms from the start where nobody knew it."""
    if not picture.document["utc"] or not 0 <= t_ms < UNIX_MS_END:
        return f"{t_ms - picture.document['span'][0]:.0f} ms"
    whole = timestamp(int(t_ms // 1000))
    return f"{whole[:19]}.{int(t_ms % 1000):03d}Z"


def devices_named(name: str | None, picture: Picture) -> list[int]:
    """Give the places of the badges of that id, part of it or worker; all of them for None."""
    devices = picture.document["devices"]
    if name is None:
        return list(range(len(devices)))
    exact = [d for d, one in enumerate(devices) if name in (one["id"], one["worker"])]
    found = exact or [d for d, one in enumerate(devices) if name in one["id"]]
    if not found:
        known = ", ".join(_known(one) for one in devices[:10]) or "none"
        meant = near(name, [str(one[key]) for one in devices for key in ("id", "worker")])
        raise InputError(f"--device {name}: no such badge here; known are: {known}{meant}")
    return found


def _known(device: dict[str, Any]) -> str:
    return f"{device['id']} ({device['worker']})" if device["worker"] else str(device["id"])


def rows_numbered(number: int, devices: list[int], picture: Picture) -> list[int]:
    """Give the rows of an event's number; `InputError` if no such badge logged it."""
    events = picture.tables["events"]
    found = (events["number"] == number) & np.isin(events["device"], devices)
    rows: list[int] = np.flatnonzero(found).tolist()
    if not rows:
        numbers = events["number"][np.isin(events["device"], devices)]
        held = f"they go from {numbers.min():.0f} to {numbers.max():.0f}" if len(numbers) else ""
        notes = held or "; ".join(picture.document["notes"]) or "there is none at all"
        raise InputError(f"--event {number}: no event of that number here; {notes}")
    return rows


def rows_at(t_ms: float, devices: list[int], picture: Picture) -> list[int]:
    """Give the last row of each of these badges up to a moment; `InputError` before them all."""
    events = picture.tables["events"]
    rows = []
    for device in devices:
        before = np.flatnonzero((events["device"] == device) & (events["t_ms"] <= t_ms))
        if len(before):
            rows.append(int(before[-1]))
    if not rows:
        raise InputError(f"at {in_words(t_ms, picture)} nothing had been logged yet")
    return rows
