"""The bodies of journal records: CBOR arrays, and the values they stand for.

Decoders trust nothing: a body whose CRC is right but whose shape is wrong is None.  Every record
says the next sequence number, so that no single one that rots takes a number's use with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from itertools import pairwise
from typing import Any, NamedTuple

import cbor2

from badge.contract.events import EVENT_TYPES
from badge.entry import Entry
from badge.storage.record import RecordKind
from badge.storage.store import State

_TYPE_NUMBER = {name: number for number, name in enumerate(EVENT_TYPES)}
# By place, not by name: a state is in every checkpoint, and 400 bytes are all it has.
_STATE_FIELDS = tuple(field.name for field in fields(State))
# Four of them and their numbers fit the smallest record.
_REASON_CHARS_MAX = 60
_RANGES_ALWAYS = 2  # fit into any opening, whatever the numbers
_REFUSED_PER_RECORD = 4

Ranges = tuple[tuple[int, int], ...]
Carried = tuple[tuple[int, int, bytes], ...]


class Checkpoint(NamedTuple):
    """All that a journal knows besides its events; `skipped` are numbers never to be expected."""

    next_sequence: int
    floor: int
    age_ms: int
    overflow_count: int
    quarantine_count: int
    skipped: Ranges
    state: State


class EventBody(NamedTuple):
    """An event as it lies in flash, with the state and the overflow that it brought along."""

    entry: Entry
    state: State | None = None
    floor: int = 0
    overflow_count: int = 0
    quarantine_reason: str | None = None


class ReleaseBody(NamedTuple):
    """The next number, how many were refused so far, and the refused ones with their reasons."""

    next_sequence: int
    quarantine_count: int
    rejected: Mapping[int, str]


class StampBody(NamedTuple):
    """The next number, and what to add to the lifetime clock to get Unix milliseconds."""

    next_sequence: int
    offset_ms: int


class BootBody(NamedTuple):
    """A boot's checkpoint and the bodies (kind, number, value) of the records that it carries."""

    checkpoint: Checkpoint
    carried: tuple[tuple[int, int, bytes], ...]


def pack_state(state: State) -> list[Any]:
    """Return a state as CBOR-ready values, in the order of its fields."""
    return [getattr(state, name) for name in _STATE_FIELDS]


def pack_checkpoint(point: Checkpoint, *more: Any) -> bytes:
    """Return the body of a CHECKPOINT record; ranges are written as distances."""
    distances: list[int] = []
    at = 0
    for first, last in point.skipped:
        distances += (first - at, last - first)
        at = last
    head = [
        point.next_sequence,
        point.floor,
        point.age_ms,
        point.overflow_count,
        point.quarantine_count,
        distances,
        pack_state(point.state),
    ]
    return cbor2.dumps([*head, *more])


def pack_boot(point: Checkpoint, carried: Carried) -> bytes:
    """Return the body of a BOOT record."""
    return pack_checkpoint(point, [list(item) for item in carried])


def fitting(point: Checkpoint, bytes_max: int) -> Checkpoint:
    """Return the checkpoint with so few ranges that its body fits: the closest are joined.

    Numbers between two joined ranges count as skipped, too, from then on.
    """
    while len(point.skipped) > _RANGES_ALWAYS and len(pack_checkpoint(point)) > bytes_max:
        ranges = list(point.skipped)
        # The closest two: what is claimed skipped, and was not, is the least.
        gaps = [after[0] - before[1] for before, after in pairwise(ranges)]
        at = gaps.index(min(gaps))
        ranges[at : at + 2] = [(ranges[at][0], ranges[at + 1][1])]
        point = point._replace(skipped=tuple(ranges))
    return point


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


def pack_release(release: ReleaseBody) -> bytes:
    """Return the body of a RELEASE record."""
    refused = [[number, reason] for number, reason in sorted(release.rejected.items())]
    return cbor2.dumps([release.next_sequence, release.quarantine_count, refused])


def release_steps(through: int, rejected: Mapping[int, str]) -> list[tuple[int, dict[int, str]]]:
    """Cut a release into (through, refused) steps that each fit a record and settle a prefix."""
    numbers = sorted(n for n in rejected if n <= through)
    parts = [
        {n: rejected[n][:_REASON_CHARS_MAX] for n in numbers[at : at + _REFUSED_PER_RECORD]}
        for at in range(0, len(numbers), _REFUSED_PER_RECORD)
    ]
    steps = [(max(part), part) for part in parts]
    if not steps or steps[-1][0] < through:
        steps.append((through, {}))
    return steps


def pack_values(*values: Any) -> bytes:
    """Return a plain CBOR array."""
    return cbor2.dumps(list(values))


def read_body(kind: int, number: int, body: bytes) -> Any:
    """Return what a record's body stands for, or None if it makes no sense.

    CHECKPOINT: `Checkpoint`; BOOT: `BootBody`; EVENT: `EventBody`; RELEASE: `ReleaseBody`;
    STAMP: `StampBody`; AGE: the next number; STATE: (the next number, `State`).
    """
    try:
        return _READERS[kind](cbor2.loads(body), number)
    except (ValueError, TypeError, LookupError, OverflowError, EOFError, cbor2.CBORDecodeError):
        return None


def _state(values: list[Any]) -> State:
    return State(*values)


def _ranges(distances: list[int]) -> Ranges:
    ranges: list[tuple[int, int]] = []
    at = 0
    for gap, length in zip(distances[::2], distances[1::2], strict=True):
        ranges.append((at + gap, at + gap + length))
        at += gap + length
    return tuple(ranges)


def _checkpoint(values: list[Any], number: int) -> Checkpoint:
    following, floor, age_ms, overflow, quarantine, distances, state = values
    return Checkpoint(
        following, floor, age_ms, overflow, quarantine, _ranges(distances), _state(state)
    )


def _boot(values: list[Any], number: int) -> BootBody:
    *point, carried = values
    return BootBody(_checkpoint(point, number), tuple((int(k), int(n), b) for k, n, b in carried))


def _event(values: list[Any], number: int) -> EventBody:
    kind, age_ms, unix_ms, version, payload, *rest = values
    entry = Entry(number, EVENT_TYPES[kind], payload, version, age_ms, unix_ms)
    if not rest:
        return EventBody(entry)
    state, floor, overflow, reason = rest
    return EventBody(entry, None if state is None else _state(state), floor, overflow, reason)


def _release(values: list[Any], number: int) -> ReleaseBody:
    following, count, rejected = values
    return ReleaseBody(int(following), int(count), {int(n): str(why) for n, why in rejected})


def _stamp(values: list[Any], number: int) -> StampBody:
    following, offset_ms = values
    return StampBody(int(following), int(offset_ms))


def _age(values: list[Any], number: int) -> int:
    (following,) = values
    return int(following)


def _state_only(values: list[Any], number: int) -> tuple[int, State]:
    following, *state = values
    return int(following), _state(state)


_READERS: Mapping[int, Callable[[list[Any], int], Any]] = {
    RecordKind.CHECKPOINT: _checkpoint,
    RecordKind.EVENT: _event,
    RecordKind.RELEASE: _release,
    RecordKind.STAMP: _stamp,
    RecordKind.AGE: _age,
    RecordKind.STATE: _state_only,
    RecordKind.BOOT: _boot,
}
