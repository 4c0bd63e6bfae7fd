"""What a store holds as events in wire form: its raw_events, whatever its columns are called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from badge.contract.documents import parse
from badge.entry import UNIX_MS_END, timestamp
from badge.errors import InputError
from badge.words import listed
from sim.reconcile.comparison.rows import (
    SPREAD,
    moment_of,
    number_of,
    payload_of,
    spread_payload,
    text_of,
)
from sim.reconcile.stores.names import NAMES_SHOWN, RAW, TableNames
from sim.reconcile.stores.open import TableStore

FIRMWARE_UNSAID = "0.1.0"  # of a store that does not keep the version


def wire_events(
    store: TableStore, names: TableNames, passed_over: Callable[[str], None] | None = None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (place, event) of every row; InputError for a row that is no event.

    With `passed_over`, that is told why, and the rows behind it are yielded.  Fractions of a second
    are cut off, as the badge writes its times.
    """
    table = names.table(RAW)
    there = store.columns(table)
    if there is None:
        has = listed(store.tables(), NAMES_SHOWN)
        raise InputError(
            f"{store.title} has no table {table}; it has {has}: name it with --table NAME"
        )
    spread = [name for name in SPREAD if name in there]
    columns = names.found(RAW, there, ("payload",) if spread else ())
    asked = list(columns.values()) + ([] if "payload" in columns else spread)
    for number, row in enumerate(store.rows(table, asked), start=1):
        place = place_of(store, number)
        try:
            event = _event(columns, spread, row, place)
        except InputError as error:
            if passed_over is None:
                raise
            passed_over(str(error))
            continue
        yield place, event


def place_of(store: TableStore, number: int) -> str:
    """Name a row, counted from 1."""
    return f"{store.title} event {number}"


def _event(
    columns: dict[str, str], spread: Sequence[str], row: Sequence[Any], place: str
) -> dict[str, Any]:
    named = dict(zip(columns, row, strict=False))
    device_id = text_of(named["device_id"])
    number = number_of(named["sequence_number"])
    moment = moment_of(named["event_timestamp"])
    event_type = text_of(named["event_type"])
    if device_id is None or number is None or event_type is None:
        raise InputError(f"{place}: has no device_id, sequence_number or event_type")
    if not isinstance(moment, int) or not 0 <= moment < UNIX_MS_END * 1000:
        raise InputError(f"{place}: its time {str(moment)[:40]!r} cannot be read")
    if "payload" in named:
        payload = parse(payload_of(named["payload"]).encode(), f"{place}: payload")
    else:
        values = dict(zip(spread, row[len(named) :], strict=False))
        payload = parse(spread_payload(event_type, values).encode(), f"{place}: payload")
    if not isinstance(payload, dict):
        raise InputError(f"{place}: payload: expected a JSON object")
    return {
        "device_id": device_id,
        "firmware_version": text_of(named.get("firmware_version")) or FIRMWARE_UNSAID,
        "event_type": event_type,
        "timestamp_utc": timestamp(moment // 1_000_000),
        "sequence_number": number,
        "payload": payload,
    }
