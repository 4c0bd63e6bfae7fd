"""Judge foreign data by the contract: JSON to events, or to faults that name their place.

Reading rules beyond the types (contract section 1): a key given twice counts once, with its last
value, as in every common JSON reader; a document nested deeper than 200 levels is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from badge.contract.events import BATCH_EVENTS_LIMIT, DEVICE_ID_PATTERN, Event
from badge.contract.wording import MISSING, UNKNOWN, place, rule
from badge.errors import InputError

ENVELOPE_FIELDS = (
    "device_id",
    "firmware_version",
    "event_type",
    "timestamp_utc",
    "sequence_number",
    "payload",
)
# The validator's list of errors grows with its input: hostile input goes through it in slices, and
# no event has more faults than this.
_FAST_BYTES_LIMIT = 1 << 20
_FAULTS_LIMIT = 1000

_EVENTS: TypeAdapter[Any] = TypeAdapter(
    Annotated[list[Event], Field(max_length=BATCH_EVENTS_LIMIT)]
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in event `index` (0 is the first): the place inside it, and the rule."""

    index: int
    sequence_number: int | None
    path: str
    message: str

    @property
    def reason(self) -> str:
        """The fault in the words of the ingest API's `rejected_events` (contract section 4)."""
        if self.message in (MISSING, UNKNOWN):
            return f"{self.message}: {self.path}"
        return f"{self.path}: {self.message}" if self.path else self.message


@dataclass(frozen=True, slots=True)
class Judged:
    """`count` events judged one by one: those that pass, by index, and the faults of the rest."""

    count: int
    valid: dict[int, dict[str, Any]]
    faults: tuple[Fault, ...]


def judge(events: list[Any]) -> Judged:
    """Judge decoded JSON values by sections 1 and 2, each for itself; never raises.

    The rules of a batch as a whole are in `batch_fault`.
    """
    valid: dict[int, dict[str, Any]] = {}
    faults: list[Fault] = []
    for start in range(0, len(events), BATCH_EVENTS_LIMIT):
        found = list(_faults(events[start : start + BATCH_EVENTS_LIMIT], start))
        bad = {fault.index for fault in found}
        stop = min(start + BATCH_EVENTS_LIMIT, len(events))
        valid.update((i, events[i]) for i in range(start, stop) if i not in bad)
        faults += found
    return Judged(len(events), valid, tuple(faults))


def judge_json(raw: bytes) -> Judged:
    """Judge the bytes of a JSON array of events; `InputError` if they are not that."""
    if len(raw) <= _FAST_BYTES_LIMIT:
        # Parsed and judged in one go, in Rust: nearly all batches have no fault.
        try:
            events = _EVENTS.validate_json(raw)
        except ValidationError:
            pass  # the slow way names every fault
        else:
            return Judged(len(events), dict(enumerate(events)), ())
    document = decode(raw)
    if not isinstance(document, list):
        raise InputError(f"{kind(document)} where a JSON array of events belongs")
    return judge(document)


# What JSON's grammar allows, and no reader can hold: said as what it is.
_HALF = "half a surrogate pair, which is no text,"
_READABLE = {
    "lone leading surrogate in hex escape": _HALF,
    "unexpected end of hex escape": _HALF,
    "number out of range": "a number with too many digits",
    "recursion limit exceeded": "nested more than 200 levels deep,",
}


def decode(raw: bytes) -> Any:
    """Read one JSON document of UTF-8 bytes; `InputError` names the line and column.

    NaN, Infinity and numbers too large for a float come out as floats: `judge` refuses them by
    the place that they have in the event.
    """
    if raw.startswith(b"\xef\xbb\xbf"):
        raise InputError("not JSON: it starts with a byte order mark; save it as UTF-8 without one")
    if not raw.strip(b" \t\r\n"):
        raise InputError("not JSON: it is empty")
    try:
        return from_json(raw)
    except ValueError as error:
        what, at, place = str(error).partition(" at line ")
        raise InputError(f"{_READABLE.get(what, f'not JSON: {what}')}{at}{place}") from None


def unwrap(document: object) -> list[Any]:
    """Find the events in a JSON document: a batch, one event, or what a Notehub route posts.

    The last is an object whose `body` is an event, or whose `body.events` is an array (contract
    section 4).  `InputError` for anything else.
    """
    match document:
        case list():
            return document
        case dict() if _is_event(document):
            return [document]
        case {"body": {"events": list(events)}}:
            return events
        case {"body": dict(body)} if _is_event(body):
            return [body]
        case {"body": _}:
            raise InputError(
                "the Notehub body is neither an event nor does it hold an array named events; "
                "route only the notefile that carries events"
            )
    raise InputError(
        f"{kind(document)} where a JSON array of events, one event, or a Notehub route's object "
        "with a body belongs"
    )


def batch_fault(events: list[Any]) -> str | None:
    """Name the first rule of the batch as a whole that is broken; None if all hold (section 2).

    Ill-formed device_ids are faults of their events, not of the batch.
    """
    if not events:
        return f"Batch is empty. Send 1 to {BATCH_EVENTS_LIMIT} events."
    if len(events) > BATCH_EVENTS_LIMIT:
        return f"Batch limit is {BATCH_EVENTS_LIMIT} events. Received {len(events)}."
    ids = dict.fromkeys(
        event["device_id"]
        for event in events
        if isinstance(event, dict) and isinstance(event.get("device_id"), str)
    )
    # An ill-formed id is its own event's fault; a batch is mixed by two real badges only.
    badges = ids if len(ids) < 2 else [name for name in ids if _DEVICE_ID.fullmatch(name)]
    if len(badges) > 1:
        first, second, *_ = badges
        return f"Batch mixes device_ids: {first}, {second}. Send one batch per badge."
    return None


_DEVICE_ID = re.compile(DEVICE_ID_PATTERN)


def _is_event(value: dict[str, Any]) -> bool:
    return any(name in value for name in ENVELOPE_FIELDS)


def kind(value: object) -> str:
    """Say what a decoded JSON value is, without showing it."""
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean"}
    return "null" if value is None else names.get(type(value), "a number")


def _faults(events: list[Any], start: int) -> Iterator[Fault]:
    try:
        _EVENTS.validate_python(events)
    except ValidationError as error:
        if error.error_count() <= _FAULTS_LIMIT:
            for detail in error.errors(include_url=False):
                i = int(detail["loc"][0])
                yield Fault(start + i, _number(events[i]), place(detail), rule(detail))
        elif len(events) > 1:
            for i, event in enumerate(events):
                yield from _faults([event], start + i)
        else:
            yield Fault(start, _number(events[0]), "", f"has more than {_FAULTS_LIMIT} faults")


def _number(event: object) -> int | None:
    number = event.get("sequence_number") if isinstance(event, dict) else None
    return number if type(number) is int and number.bit_length() < 64 else None
