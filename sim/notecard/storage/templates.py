"""Note templates: type hints in a body, what they weigh, and what they make of a note.

Hints: true; 11 12 13 14 18 signed and 21 22 23 24 unsigned integers of that many bytes; 12.1 14.1
18.1 floats; a string of digits is the longest text kept; an array of hints, or of one repeated.
"""

from __future__ import annotations

from typing import Any

from sim.notecard.codec.arguments import Members, RequestError

_INT_BYTES = {11: 1, 12: 2, 13: 3, 14: 4, 18: 8, 21: 1, 22: 2, 23: 3, 24: 4}
_FLOAT_BYTES = {12.1: 2, 14.1: 4, 18.1: 8}
_RECORD_BYTES = 30  # time and place of an ordinary record: the published sample says 40 for 10
_COMPACT_TEXT_MAX = 255
COMPACT_EXTRAS = ("_lat", "_lon", "_ltime", "_time")


def template_bytes(body: Members, compact: bool) -> int:
    """The size of one record as note.template answers it; RequestError for a hint that is none."""
    return sum(_weight(hint) for hint in body.values()) + (0 if compact else _RECORD_BYTES)


def _weight(hint: object) -> int:
    if isinstance(hint, bool):
        return 1
    if isinstance(hint, dict):
        return sum(_weight(inner) for inner in hint.values())
    if isinstance(hint, list):
        return sum(_weight(inner) for inner in hint)
    if isinstance(hint, str):
        return _longest(hint)
    if isinstance(hint, int) and hint in _INT_BYTES:
        return _INT_BYTES[hint]
    if isinstance(hint, float) and hint in _FLOAT_BYTES:
        return _FLOAT_BYTES[hint]
    raise RequestError(f"template: {str(hint)[:40]} is not a type hint {{template-incompatible}}")


def _longest(hint: str) -> int:
    """The length that a string hint allows; 0 for any."""
    return int(hint) if hint.isdecimal() and len(hint) < 7 else 0


def fit(hints: Members, body: Members, compact: bool) -> Members:
    """A note's body as the template keeps it; RequestError where a value has the wrong type.

    Fields that the template does not name are dropped, over-long strings cut.
    """
    return {
        name: _fit(hint, body[name], compact)
        for name, hint in hints.items()
        if body.get(name) is not None and name not in COMPACT_EXTRAS
    }


def _fit(hint: object, value: object, compact: bool) -> object:
    if isinstance(hint, bool):
        return _expect("boolean", isinstance(value, bool), value)
    if isinstance(hint, dict):
        _expect("object", isinstance(value, dict), value)
        return fit(hint, value if isinstance(value, dict) else {}, compact)
    if isinstance(hint, list):
        return _fit_list(hint, value, compact)
    if isinstance(hint, str):
        return _fit_text(hint, value, compact)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(hint, int):
        return _fit_integer(hint, value if number else None)
    return _expect("float", number, value)


def _fit_integer(hint: int, value: Any) -> int:
    _expect("integer", value is not None and value == int(value), value)
    bits = 8 * _INT_BYTES[hint]
    low, high = (0, 2**bits) if hint > 20 else (-(2 ** (bits - 1)), 2 ** (bits - 1))
    if not low <= value < high:
        raise RequestError(f"error adding note: {value} is out of range {{template-incompatible}}")
    return int(value)


def _fit_text(hint: str, value: object, compact: bool) -> object:
    _expect("string", isinstance(value, str), value)
    text = str(value)
    if compact and len(text.encode("utf-8", "replace")) > _COMPACT_TEXT_MAX:
        raise RequestError(
            "error adding note: compact mode only supports strings up to 255 bytes"
            " {template-incompatible}"
        )
    longest = _longest(hint)
    return text[:longest] if longest else text


def _fit_list(hints: list[object], value: object, compact: bool) -> object:
    _expect("array", isinstance(value, list), value)
    items = value if isinstance(value, list) else []
    each = hints * len(items) if len(hints) == 1 else hints
    return [_fit(hint, item, compact) for hint, item in zip(each, items, strict=False)]


def _expect(word: str, right: bool, value: object) -> object:
    if not right:
        raise RequestError(f"error adding note: {word} expected because of template")
    return value


def without_zeros(body: Members) -> Members:
    """What Notehub shows of a templated body: false, 0, "" and null are not there."""
    return {name: value for name, value in body.items() if value not in (False, 0, "", None)}
