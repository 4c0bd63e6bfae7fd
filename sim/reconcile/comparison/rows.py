"""An event as the badge logged it and as a store holds it, both brought to one form.

Named tuples, not dataclasses: there may be millions of them, and they go in and out of a sorter.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic_core import to_json

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_INT64 = range(-(2**63), 2**63)

Moment = int | str | None  # microseconds since 1970, or the words of what is no moment


class LoggedEvent(NamedTuple):
    """What a badge logged; worker and parcel are the true ones, None where there is none."""

    device_id: str
    sequence_number: int
    event_type: str | None
    moment: Moment
    payload: str
    firmware_version: str | None
    delivered: bool = True
    undelivered_why: str | None = None
    worker_id: str | None = None
    parcel_id: str | None = None


class Held(NamedTuple):
    """A row of a store's raw_events; `arrival` grows with the order of insertion if it is known."""

    device_id: str
    sequence_number: int
    event_type: str | None
    moment: Moment
    payload: str
    firmware_version: str | None = None
    arrival: int | None = None


def moment_of(value: object) -> Moment:
    """Read a point in time from what databases and files make of one; no zone means UTC.

    Numbers are seconds, milli-, micro- or nanoseconds since 1970, told apart by their size.
    """
    if isinstance(value, str):
        return _moment_of_text(value)
    match value:
        case None:
            return None
        case datetime():
            return _since_1970(value)
        case bool():
            return str(value)
        case int() | float() | Decimal():
            return _moment_of_number(Decimal(value))
    return str(value)


@lru_cache(maxsize=1 << 16)  # badges of one site log in the same seconds
def _moment_of_text(text: str) -> Moment:
    try:
        return _since_1970(datetime.fromisoformat(text.strip()))
    except ValueError:
        return text


def _since_1970(moment: datetime) -> int:
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MICROSECOND


def _moment_of_number(number: Decimal) -> Moment:
    if not number.is_finite():
        return str(number)
    # 1e11 s is the year 5138, 1e11 ms is 1973: no event is older.
    size = abs(number)
    if size < 10**11:
        return int(number * 10**6)
    if size < 10**14:
        return int(number * 10**3)
    found = int(number) if size < 10**17 else int(number) // 1000
    return found if found in _INT64 else str(number)


def words_of_moment(moment: Moment) -> str | None:
    """Write a moment as events do, or the words as they are."""
    if not isinstance(moment, int):
        return moment
    try:
        shown = (_EPOCH + moment * _MICROSECOND).replace(tzinfo=None)
    except OverflowError:
        return f"{moment} microseconds since 1970"
    return shown.isoformat() + "Z"


def number_of(value: object) -> int | None:
    """Read a sequence number, also from text or a decimal; None for what is no 64-bit integer."""
    if type(value) is int and 0 < value < 2**63:  # all of them, but for the strange
        return value
    try:
        match value:
            case bool():
                return None
            case int():
                number = value
            case str() if value.strip().isdecimal():
                number = int(value)
            case float() | Decimal() if value == int(value):
                number = int(value)
            case _:
                return None
    except (ValueError, OverflowError, ArithmeticError):
        return None
    return number if number in _INT64 else None


def text_of(value: object) -> str | None:
    """Read a name; numbers and the like become text, None stays None."""
    if value is None or isinstance(value, str):
        return value
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def payload_of(value: object) -> str:
    """Return a payload as JSON text, whether a store keeps it as text or as a value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return to_json(value, inf_nan_mode="constants", fallback=str).decode()


def arrival_of(value: object) -> int | None:
    """Read a value to order by: a whole number as it is, else a moment; None for neither."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if value in _INT64 else None
    found = moment_of(value)
    return found if isinstance(found, int) else number_of(value)


def logged_of(row: Mapping[str, Any]) -> LoggedEvent | str:
    """Bring a row of the truth, or an event in wire form, to one form; or say what is wrong."""
    device_id, number = row.get("device_id"), number_of(row.get("sequence_number"))
    if not isinstance(device_id, str):
        return "has no device_id"
    if number is None:
        return "has no sequence_number"
    if "event_type" not in row or "timestamp_utc" not in row or "payload" not in row:
        return "is no logged event: event_type, timestamp_utc and payload are needed"
    return LoggedEvent(
        device_id,
        number,
        text_of(row["event_type"]),
        moment_of(row["timestamp_utc"]),
        payload_of(row["payload"]),
        text_of(row.get("firmware_version")),
        row.get("delivered") is not False,
        text_of(row.get("undelivered_why")),
        text_of(row.get("worker_id")),
        text_of(row.get("parcel_id")),
    )
