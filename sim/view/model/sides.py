"""Both sides of a difference in words: each event, and each field that differs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from badge.contract.differences import ABSENT, differences

FIELDS_MAX = 40
_SHOWN = 160
Event = Mapping[str, Any]
Side = tuple[str, Event]  # when it was, in words, and what was logged


def sides_of(left: Side | None, right: Side | None) -> dict[str, Any]:
    """Give both sides as JSON: `left` and `right` (None: nothing there), and `fields` that differ.

    A field is its path, its value on the left, and that on the right.
    """
    fields = []
    if left is not None and right is not None:
        found = list(differences(dict(left[1]), dict(right[1])))[:FIELDS_MAX]
        fields = [[one.path, _word(one.old), _word(one.new)] for one in found]
    return {"left": _side(left), "right": _side(right), "fields": fields}


def _side(side: Side | None) -> dict[str, Any] | None:
    if side is None:
        return None
    at, event = side
    head = f"{event.get('sequence_number', '?')} {event.get('event_type', '?')}"
    return {"at": at, "event": _cut(head), "says": _cut(brief(event.get("payload")))}


def brief(value: object) -> str:
    """Give an object's fields in one line."""
    if not isinstance(value, dict):
        return _word(value)
    told = [f"{name} {_word(one)}" for name, one in value.items()]
    return ", ".join(told) or "nothing more"


def _word(value: object) -> str:
    if value is ABSENT:
        return "nothing"
    return _cut(json.dumps(value, ensure_ascii=False, default=str))


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
