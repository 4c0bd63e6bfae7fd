"""A validator's findings in words: a person is told what may stand there, and no pattern."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic_core import ErrorDetails

from badge.words import counted, near

_WORDS: dict[str, str] = {}
_ANY = "is not written as it must be"
_WHOLE, _NUMBER, _BOOLEAN = "must be a whole number", "must be a number", "must be true or false"
_LIST, _OBJECT = "must be a list", "must be an object of keys and values"
_MOMENT, _DATE = "must be a moment, like 2026-03-14T06:30:00Z", "must be a date, like 2026-05-04"
_KINDS = {
    "missing": "is missing",
    "extra_forbidden": "is no known key",
    "string_type": "must be a text",
    "string_sub_type": "must be a text",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": "must be a finite number",
    "bool_type": _BOOLEAN,
    "bool_parsing": _BOOLEAN,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "dict_type": _OBJECT,
    "mapping_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dataclass_type": _OBJECT,
    "none_required": "must be null",
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
}
_BOUNDS = {
    "greater_than": ("must be above {}", "gt"),
    "greater_than_equal": ("must be at least {}", "ge"),
    "less_than": ("must be below {}", "lt"),
    "less_than_equal": ("must be at most {}", "le"),
    "multiple_of": ("must be a multiple of {}", "multiple_of"),
}
_LENGTHS = {
    "string_too_short": ("least", "min_length", "character"),
    "string_too_long": ("most", "max_length", "character"),
    "too_short": ("least", "min_length", "item"),
    "too_long": ("most", "max_length", "item"),
}
_OWN = re.compile(r"^(Value|Assertion) error, |^[A-Z][a-z]+ should (?=be |have )")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")


def told(pattern: str, words: str) -> str:
    """Give the pattern back, and remember how its rule is said: `must be HH:MM, like 06:30`."""
    _WORDS[pattern] = words
    return pattern


def message(detail: ErrorDetails) -> str:
    """Say what may stand there, as `must be sample or cycle`, and what was probably meant.

    Values are not shown, for they may be secrets; a near word is one of the known ones.
    """
    return rule_of(detail) + meant_of(detail)


def rule_of(detail: ErrorDetails) -> str:
    """Say what may stand there."""
    kind, context = detail["type"], _context(detail)
    if kind == "string_pattern_mismatch":
        return _WORDS.get(context.get("pattern", ""), _ANY)
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        key = str(context["discriminator"]).strip("'")
        tags = _QUOTED.findall(str(context.get("expected_tags", "")))
        return f"its {key} must be {_either(tags)}" if tags else f"its {key} is missing"
    if words := _choices(detail):
        return f"must be {_either(words)}"
    if kind in _BOUNDS:
        said, key = _BOUNDS[kind]
        return said.format(_number(context[key]))
    if kind in _LENGTHS:
        side, key, noun = _LENGTHS[kind]
        return f"must have at {side} {counted(context[key], noun)}"
    found = _KINDS.get(kind)
    return found or _OWN.sub(lambda own: "" if own[1] else "must ", detail["msg"])


def meant_of(detail: ErrorDetails) -> str:
    """Ask whether one of the words that may stand there was meant; empty if none is near."""
    given = detail.get("input")
    return near(given, _choices(detail)) if isinstance(given, str) else ""


def kept_message(detail: ErrorDetails) -> str:
    """Say it as a badge notes it of its settings: the one in C says the same, byte for byte."""
    if detail["type"] != "string_pattern_mismatch":
        return detail["msg"]
    return rule_of(detail)


def _context(detail: ErrorDetails) -> Mapping[str, Any]:
    return detail.get("ctx") or {}


def _choices(detail: ErrorDetails) -> list[str]:
    if detail["type"] not in ("literal_error", "enum"):
        return []
    expected = str(_context(detail)["expected"])
    return _QUOTED.findall(expected) or expected.replace(" or ", ", ").split(", ")


def _either(words: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _number(bound: Any) -> str:
    whole = isinstance(bound, float) and bound.is_integer()
    return str(int(bound) if whole else bound)
