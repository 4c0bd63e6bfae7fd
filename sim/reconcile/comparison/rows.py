"""An event as the badge logged it and as a store holds it, both brought to one form.

Named tuples, not dataclasses: there may be millions of them, and they go in and out of a sorter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic_core import to_json

from badge.contract.events import PAYLOAD_FIELDS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_INT64 = range(-(2**63), 2**63)
SPREAD = tuple(dict.fromkeys(name for names in PAYLOAD_FIELDS.values() for name in names))
_TEXT_MAX = 64  # of a time or number in words

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

    Numbers, as text too, are seconds, milli-, micro- or nanoseconds since 1970, told apart by
    their size.  Warehouses write `2026-03-14 06:47:00 UTC`, MongoDB's exports `{"$date": …}`.
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
        case dict() if len(value) == 1:
            return _moment_of_extended(value)
    return str(value)


def _moment_of_extended(value: dict[str, Any]) -> Moment:
    ((key, inner),) = value.items()
    plain = plain_value(inner)
    if key == "$date" and isinstance(plain, int):  # always milliseconds, however few
        return plain * 1000 if plain * 1000 in _INT64 else str(value)
    return moment_of(plain) if key == "$date" else str(value)


def plain_value(value: Any) -> Any:
    """Take the wrappers of MongoDB's Extended JSON (v2) off numbers, at any depth."""
    if isinstance(value, list):
        return [plain_value(one) for one in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((key, inner),) = value.items()
        read = _EXTENDED.get(key)
        if read is not None and isinstance(inner, str):
            try:
                return read(inner)
            except ValueError:
                return value
    return {key: plain_value(inner) for key, inner in value.items()}


_EXTENDED: dict[str, Callable[[str], int | float]] = {
    "$numberInt": int,
    "$numberLong": int,
    "$numberDouble": float,
    "$numberDecimal": float,
}
# What databases put behind a time: BigQuery and Trino ` UTC`, Java `Z[UTC]`, Snowflake ` +0000`.
_ZONE = re.compile(r"\s*(?:Z?\[(?:Etc/)?UTC\]|UTC|GMT|(?:Etc/)UTC)$|\s+(?=(?:Z|[+-][0-9:]{2,6})$)")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,2})?")
_DIGITS_MIN = 9  # fewer may be a date written without dashes


@lru_cache(maxsize=1 << 16)  # badges of one site log in the same seconds
def _moment_of_text(text: str) -> Moment:
    plain = text.strip()
    if len(plain) >= _DIGITS_MIN and len(plain) <= _TEXT_MAX and _NUMBER.fullmatch(plain):
        return _moment_of_number(Decimal(plain))
    try:
        return _since_1970(datetime.fromisoformat(_ZONE.sub("", plain).upper()))
    except ValueError:
        return _moment_of_mail(plain, text)


def _moment_of_mail(plain: str, text: str) -> Moment:
    """Read `Sat, 14 Mar 2026 06:47:00 GMT`, as HTTP and mail write it, or give the text back."""
    if len(plain) > _TEXT_MAX or "," not in plain:
        return text
    try:
        return _since_1970(parsedate_to_datetime(plain))
    except (ValueError, TypeError, IndexError, OverflowError):
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
            case str() if len(value) <= _TEXT_MAX and _NUMBER.fullmatch(value.strip()):
                return number_of(Decimal(value.strip()))
            case dict() if len(value) == 1 and not isinstance(plain := plain_value(value), dict):
                return number_of(plain)
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
    try:
        return to_json(value, inf_nan_mode="constants", fallback=str).decode()
    except ValueError:  # bytes somewhere inside that are no UTF-8
        return to_json(repr(value)).decode()


def spread_payload(event_type: str | None, values: Mapping[str, Any]) -> str:
    """Put a payload together whose fields have columns of their own; null is absent there."""
    names = PAYLOAD_FIELDS.get(event_type or "", ())
    found = {name: values[name] for name in names if values.get(name) is not None}
    return to_json(found, inf_nan_mode="constants", fallback=str).decode()


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
