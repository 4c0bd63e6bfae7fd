"""The events of a device: in a file, one event, batch or recorded line each, or in a store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from badge.contract.documents import documents
from badge.contract.validation import decode, unwrap
from badge.errors import InputError
from badge.host.recording_file import RecordingFile
from badge.recording.format import FORMAT, Wrote
from sim.reconcile.stores.open import open_store

STORE = "sqlite://"
_TABLE = "raw_events"
_COLUMNS = (
    "device_id",
    "firmware_version",
    "event_type",
    "event_timestamp",
    "sequence_number",
    "payload",
)


def read_events(place: str | Path, device_id: str | None = None) -> list[Any]:
    """Return all events in the order of the file; InputError with the line that is none.

    Takes what `badge record --events` writes, batches as they were posted, what a Notehub route
    posts, a recording (its `out` lines; .cbor too), and, as `sqlite:///FILE`, what the reference
    ingest keeps of one device, by number.
    """
    if str(place).startswith(STORE):
        return list(_kept(str(place), device_id))
    path = Path(place)
    if path.suffix == ".cbor":
        with RecordingFile(path) as recording:
            return [line.event for line in recording if isinstance(line, Wrote)]
    with path.open("rb") as file:
        return list(_events(file, path))


def _events(file: BinaryIO, path: Path) -> Iterator[Any]:
    place = str(path)
    try:
        for document in documents(file):
            place = f"{path}: line {document.line}" if document.line else str(path)
            yield from events_in(decode(document.raw))
    except InputError as error:
        raise InputError(f"{place}: {error}") from None


def events_in(document: object) -> list[Any]:
    """Return the events of one line's document; InputError if it is none of these."""
    match document:
        case {"format": str(name)} if name == FORMAT:
            return []
        case {"ms": int(), "in": dict()}:
            return []
        case {"ms": int(), "out": dict(event)}:
            return [event]
    return unwrap(document)


def _kept(address: str, device_id: str | None) -> Iterator[dict[str, Any]]:
    with open_store(address) as store:
        missing = set(_COLUMNS) - set(store.columns(_TABLE) or ())
        if missing:
            raise InputError(
                f"{store.title}: no table {_TABLE} with {', '.join(sorted(missing))}: it is not "
                "the database of badge serve"
            )
        for row in store.rows(_TABLE, _COLUMNS):
            if device_id in (None, row[0]):
                device, firmware, kind, moment, number, payload = row
                yield {
                    "device_id": device,
                    "firmware_version": firmware,
                    "event_type": kind,
                    "timestamp_utc": moment,
                    "sequence_number": number,
                    "payload": decode(str(payload).encode()),
                }
