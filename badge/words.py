"""Words for people: a count and its noun, which agree, a time, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


def counted(count: int, noun: str, several: str | None = None) -> str:
    """Return `1 event`, `2 events`, `1,000 events`; `several` where an s does not make it."""
    return f"{count:,} {noun if count == 1 else several or noun + 's'}"


def lasting(seconds: float) -> str:
    """Return `240 s`, `75 min`, `27 h 34 min`: a time as people would say it."""
    if seconds < 600:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def listed(names: Sequence[str], most: int = 5) -> str:
    """Return `a, b and 3 more`: some of many names, and how many they stand for; or `none`."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more or "none"


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """Return up to three known names that are written much like a word, the nearest first."""
    by_small = {name.lower(): name for name in known}
    return [by_small[one] for one in get_close_matches(word[:200].lower(), by_small, 3, 0.6)]


def near(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean outage?`, to end a sentence with; nothing if no name is near."""
    found = nearest(word, known)
    return f"; did you mean {' or '.join(found)}?" if found else ""
