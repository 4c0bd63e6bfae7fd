"""Which fields of an event a store changed: values are compared, not their spelling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

from pydantic_core import from_json

from badge.contract.differences import ABSENT, differences
from sim.reconcile.comparison.rows import Held, LoggedEvent, plain_value, words_of_moment

_NOT_JSON: Final = object()
_SCALARS_SHOWN = 48


@dataclass(frozen=True, slots=True)
class Change:
    """One field, e.g. `payload.lat`: what was logged, what is held; ABSENT if it is not there."""

    field: str
    logged: Any
    held: Any

    def document(self) -> dict[str, Any]:
        """Return it for JSON; a value that is absent is left out."""
        sides = {"logged": self.logged, "held": self.held}
        return {"field": self.field} | {k: v for k, v in sides.items() if v is not ABSENT}

    def __str__(self) -> str:
        return f"{self.field} {_shown(self.logged)} -> {_shown(self.held)}"


def changes(logged: LoggedEvent, held: Held, *, with_firmware: bool) -> tuple[Change, ...]:
    """Name every field that differs; empty where the row means what was logged."""
    compared = slice(2, 6 if with_firmware else 5)
    if logged[compared] == held[compared]:  # spelt alike: nearly all rows
        return ()
    return tuple(_changes(logged, held, with_firmware))


def _changes(logged: LoggedEvent, held: Held, with_firmware: bool) -> Iterator[Change]:
    if logged.event_type != held.event_type:
        yield Change("event_type", logged.event_type, held.event_type)
    if logged.moment != held.moment:
        words = words_of_moment(logged.moment), words_of_moment(held.moment)
        yield Change("event_timestamp", *words)
    if logged.payload != held.payload:
        yield from _payload_changes(logged.payload, held.payload)
    if with_firmware and logged.firmware_version != held.firmware_version:
        yield Change("firmware_version", logged.firmware_version, held.firmware_version)


def _payload_changes(logged: str, held: str) -> Iterator[Change]:
    true, kept = _value(logged), _value(held)
    if true is _NOT_JSON or kept is _NOT_JSON:
        yield Change("payload", logged, held)
    else:
        found = differences(true, kept, _same, "payload")
        yield from (Change(*one) for one in sorted(found, key=attrgetter("path")))


def _value(text: str) -> Any:
    try:
        return plain_value(from_json(text))
    except ValueError:
        return _NOT_JSON


def _same(path: str, logged: Any, held: Any) -> bool:
    """12 and 12.0 are one value; true and 1 are two, which Python's == denies, deep inside too."""
    if isinstance(logged, (dict, list)) and isinstance(held, (dict, list)):
        return False
    if isinstance(logged, bool) or isinstance(held, bool):
        return logged is held
    return bool(logged == held) or (logged != logged and held != held)  # or both NaN


def _shown(value: Any) -> str:
    if value is ABSENT:
        return "absent"
    text = "null" if value is None else str(value)
    return text if len(text) <= _SCALARS_SHOWN else text[: _SCALARS_SHOWN - 1] + "…"
