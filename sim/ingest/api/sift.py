"""From the bytes of a request to the events worth keeping and the reasons against the others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from badge.contract.events import BATCH_EVENTS_LIMIT, DEVICE_ID_PATTERN
from badge.contract.validation import Fault, batch_fault, decode, judge, unwrap
from badge.contract.version import Version, read_version
from badge.errors import InputError
from sim.ingest.api.answers import RefusedError, batch_too_long, refused_batch

REASONS_SHOWN = 3
_DEVICE_ID = re.compile(DEVICE_ID_PATTERN)


@dataclass(frozen=True, slots=True)
class Sifted:
    """Valid events in order; `(sequence_number, reason)` of each other; how many are outdated."""

    valid: list[dict[str, Any]]
    rejected: list[tuple[int | None, str]]
    outdated: int


def read_events(raw: bytes) -> list[Any]:
    """Read a body as a list of what may be events; RefusedError with 400 if it is none."""
    try:
        document = decode(raw)
    except InputError as error:
        raise RefusedError(refused_batch(400, "invalid_json", str(error))) from None
    try:
        return unwrap(document)
    except InputError as error:
        raise RefusedError(refused_batch(400, "not_a_batch", str(error))) from None


def is_of_others(events: list[Any], owner: str) -> bool:
    """Tell whether events name badges, in whatever case, and `owner` is none of them."""
    named = {event.get("device_id") for event in events if isinstance(event, dict)}
    badges = {name.upper() for name in named if isinstance(name, str)}
    badges = {name for name in badges if _DEVICE_ID.fullmatch(name)}
    return bool(badges) and owner not in badges


def checked(events: list[Any]) -> list[Any]:
    """Give a batch that keeps the rules of a batch; else RefusedError with 400 or 413."""
    if len(events) > BATCH_EVENTS_LIMIT:
        raise RefusedError(batch_too_long(len(events)))
    if fault := batch_fault(events):
        code = "mixed_devices" if events else "empty_batch"
        raise RefusedError(refused_batch(400, code, fault))
    return events


def read_note(raw: bytes) -> list[Any]:
    """Read the events out of what a Notehub route posts; none if its body is something else.

    A payload may be JSON as text: a templated note drops false, 0 and "" of an object, and a
    badge's payload means something by them.  RefusedError with 400 or 413.
    """
    try:
        document = decode(raw)
    except InputError as error:
        raise RefusedError(refused_batch(400, "invalid_json", str(error))) from None
    right = isinstance(document, dict) and all(
        isinstance(document.get(name), str) for name in ("device", "file")
    )
    if not right:
        words = "a Notehub route's object with device and file belongs here"
        raise RefusedError(refused_batch(400, "not_an_envelope", words))
    try:
        events = [_opened(event) for event in unwrap({"body": document.get("body")})]
    except InputError:
        return []
    return checked(events) if events else []


def _opened(event: Any) -> Any:
    if not (isinstance(event, dict) and isinstance(event.get("payload"), str)):
        return event
    try:
        return event | {"payload": decode(event["payload"].encode())}
    except InputError:
        return event  # the judgement names what is wrong with it


def sift(events: list[Any], oldest: Version | None) -> Sifted:
    """Judge each event by the contract; those of firmware before `oldest` are not even judged.

    The schema of an old firmware may be another one, so its age is the truer reason.
    """
    outdated = _outdated(events, oldest) if oldest else {}
    judged = judge(events)
    if not outdated and not judged.faults:
        return Sifted(events, [], 0)
    reasons = _reasons(judged.faults) | outdated
    valid = [event for i, event in enumerate(events) if i not in reasons]
    rejected = [(_number(events[i]), reasons[i]) for i in sorted(reasons)]
    return Sifted(valid, rejected, len(outdated))


def _outdated(events: list[Any], oldest: Version) -> dict[int, str]:
    versions = (
        read_version(event.get("firmware_version")) if isinstance(event, dict) else None
        for event in events
    )
    return {
        i: f"schema_deprecated: firmware {version} is older than {oldest}; update the badge"
        for i, version in enumerate(versions)
        if version and version < oldest
    }


def _reasons(faults: tuple[Fault, ...]) -> dict[int, str]:
    by_event: dict[int, list[str]] = {}
    for fault in faults:
        by_event.setdefault(fault.index, []).append(fault.reason)
    return {index: _in_short(reasons) for index, reasons in by_event.items()}


def _in_short(reasons: list[str]) -> str:
    more = len(reasons) - REASONS_SHOWN
    return "; ".join(reasons[:REASONS_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def _number(event: object) -> int | None:
    number = event.get("sequence_number") if isinstance(event, dict) else None
    return number if type(number) is int else None
