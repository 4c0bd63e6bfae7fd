"""The bodies of journal records: CBOR arrays, and the values they stand for.

Decoders trust nothing: a body whose CRC is right but whose shape is wrong is None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import cbor2

from badge.entry import Entry
from badge.events import EVENT_TYPES
from badge.store import State

_TYPE_NUMBER = {name: number for number, name in enumerate(EVENT_TYPES)}
_STATE_FIELDS = tuple(field.name for field in fields(State))
_T = TypeVar("_T")

Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """All that a journal knows besides its events; `skipped` are numbers never to be expected."""

    next_sequence: int
    floor: int
    age_ms: int
    overflow_count: int
    quarantine_count: int
    skipped: Ranges
    state: State


@dataclass(frozen=True, slots=True)
class EventBody:
    """An event as it lies in flash, with the state and the overflow that it brought along."""

    entry: Entry
    state: State | None = None
    floor: int = 0
    overflow_count: int = 0
    quarantine_reason: str | None = None


def pack_state(state: State) -> list[Any]:
    """Return a state as CBOR-ready values, in the order of its fields."""
    return [getattr(state, name) for name in _STATE_FIELDS]


def pack_checkpoint(point: Checkpoint) -> bytes:
    """Return the body of a CHECKPOINT record."""
    head = [
        point.next_sequence,
        point.floor,
        point.age_ms,
        point.overflow_count,
        point.quarantine_count,
        [list(pair) for pair in point.skipped],
    ]
    return cbor2.dumps([*head, pack_state(point.state)])


def pack_event(body: EventBody) -> bytes:
    """Return the body of an EVENT record; its number is the record's."""
    entry = body.entry
    head = [
        _TYPE_NUMBER[entry.event_type],
        entry.age_ms,
        entry.unix_ms,
        entry.firmware_version,
        dict(entry.payload),
    ]
    if body.state is None and body.floor == 0 and body.quarantine_reason is None:
        return cbor2.dumps(head)
    state = None if body.state is None else pack_state(body.state)
    return cbor2.dumps([*head, state, body.floor, body.overflow_count, body.quarantine_reason])


def pack_release(rejected: Mapping[int, str]) -> bytes:
    """Return the body of a RELEASE record: the refused numbers and why."""
    return cbor2.dumps([[number, reason] for number, reason in sorted(rejected.items())])


def pack_values(*values: Any) -> bytes:
    """Return a plain CBOR array."""
    return cbor2.dumps(list(values))


def _reader(read: Callable[[Any, int], _T]) -> Callable[[bytes, int], _T | None]:
    def total(body: bytes, number: int) -> _T | None:
        try:
            return read(cbor2.loads(body), number)
        except (ValueError, TypeError, IndexError, KeyError, EOFError, cbor2.CBORDecodeError):
            return None

    return total


def _state(values: list[Any]) -> State:
    return State(*values)


def _checkpoint(values: list[Any], number: int) -> Checkpoint:
    following, floor, age_ms, overflow, quarantine, skipped, state = values
    return Checkpoint(
        following,
        floor,
        age_ms,
        overflow,
        quarantine,
        tuple((first, last) for first, last in skipped),
        _state(state),
    )


def _event(values: list[Any], number: int) -> EventBody:
    kind, age_ms, unix_ms, version, payload, *rest = values
    entry = Entry(number, EVENT_TYPES[kind], payload, version, age_ms, unix_ms)
    if not rest:
        return EventBody(entry)
    state, floor, overflow, reason = rest
    return EventBody(entry, None if state is None else _state(state), floor, overflow, reason)


read_checkpoint = _reader(_checkpoint)
read_event = _reader(_event)
read_release = _reader(lambda values, number: {int(n): str(why) for n, why in values})
read_stamp = _reader(lambda values, number: int(values[0]))
read_state = _reader(lambda values, number: _state(values))
