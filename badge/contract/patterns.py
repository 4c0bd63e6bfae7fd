"""Patterns in words: what a person is told is never a regular expression."""

from __future__ import annotations

from pydantic_core import ErrorDetails

_WORDS: dict[str, str] = {}
_ANY = "is not written as it must be"


def told(pattern: str, words: str) -> str:
    """Give the pattern back, and remember how its rule is said: `must be HH:MM, like 06:30`."""
    _WORDS[pattern] = words
    return pattern


def message(detail: ErrorDetails) -> str:
    """Return what a validator's finding says, patterns in words."""
    if detail["type"] != "string_pattern_mismatch":
        return detail["msg"]
    return _WORDS.get(detail.get("ctx", {}).get("pattern", ""), _ANY)
