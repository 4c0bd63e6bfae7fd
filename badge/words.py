"""Words around numbers: a count and its noun, which agree."""

from __future__ import annotations


def counted(count: int, noun: str, several: str | None = None) -> str:
    """Return `1 event`, `2 events`, `1,000 events`; `several` where an s does not make it."""
    return f"{count:,} {noun if count == 1 else several or noun + 's'}"
