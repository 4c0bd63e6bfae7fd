"""From names to batches: recordings, runs, files of batches, events, stores, folders of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from badge.config import BadgeConfig, read_config
from badge.contract.documents import DOCUMENT_BYTES_LIMIT, parse
from badge.errors import InputError
from badge.host.documents import read_lines
from badge.host.recording_file import RecordingFile, is_recording
from sim.reconcile.comparison.rows import moment_of
from sim.reconcile.scratch import scratch
from sim.reconcile.stores.names import parse_names
from sim.reconcile.stores.open import open_store
from sim.reconcile.stores.wire import wire_events
from sim.traffic.batches import Batch, Spool
from sim.traffic.uploads import sent_for_events, sent_in_recording

_HEAD_BYTES = 4096
_KINDS = "a recording, the folder of a run, batches, events, or a folder of recordings"


@dataclass(slots=True)
class Found:
    """The batches of all that was named, in no order, and what is to be said of them."""

    batches: list[Batch] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def open_traffic(addresses: Sequence[str], spool: Spool) -> Found:
    """Read all that is named; InputError for what is none of it."""
    found = Found()
    for address in addresses:
        _read(address, spool, found)
    if not found.batches:
        raise InputError(f"{addresses[0]}: there is nothing in it that could be sent")
    return found


def _read(address: str, spool: Spool, found: Found) -> None:
    path = Path(address)
    if "://" in address:
        _of_events(address, spool, found)
    elif path.is_dir():
        for part in _parts(path):
            _read(str(part), spool, found)
    elif not path.exists():
        raise InputError(f"{address}: no such file or folder; name {_KINDS}")
    else:
        _READERS[kind_of(path)](address, spool, found)


def _parts(folder: Path) -> list[Path]:
    """Find what to read in a folder: of a run its batches, else its events; else recordings."""
    for name in ("batches", "events"):
        one, split = folder / f"{name}.ndjson", sorted((folder / name).glob("*.ndjson"))
        if one.is_file() or split:
            return [one] if one.is_file() else split
    found = recordings_in(folder)
    if not found:
        raise InputError(f"{folder}: neither a run nor a folder of recordings; name {_KINDS}")
    return found


def recordings_in(folder: Path) -> list[Path]:
    """Name the recordings that lie in a folder, in the order of their names."""
    return sorted(filter(is_recording, folder.iterdir()))


def kind_of(path: Path) -> str:
    """Tell recording, batches and events apart by how a file begins."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    if head.startswith((b"SQLite format 3\0", b"PAR1")):
        return "events"
    if not head or head.startswith(b"["):
        return "batches"
    return "recording" if is_recording(path) or not head.startswith(b"{") else "events"


def _of_recording(address: str, spool: Spool, found: Found) -> None:
    with RecordingFile(address) as file:
        sent, equal = sent_in_recording(file)
    if not equal:
        found.notes.append(
            f"{address}: this build logs other events than were recorded, and sends those "
            "(badge replay without --to shows them)"
        )
    found.batches += [spool.keep(ms, body, address) for ms, body in sent]


def _of_batches(address: str, spool: Spool, found: Found) -> None:
    """Take a batch a line; it left when its newest event had been logged."""
    for place, line in read_lines(address, DOCUMENT_BYTES_LIMIT):
        body = parse(line, place)
        events = body if isinstance(body, list) else []
        moments = [_moment_ms(event, place) for event in events if isinstance(event, dict)]
        found.batches.append(spool.keep(max(moments, default=0), line, place))


def _moment_ms(event: dict[str, Any], place: str) -> int:
    moment = moment_of(event.get("timestamp_utc"))
    return moment // 1000 if isinstance(moment, int) else 0


def _of_events(address: str, spool: Spool, found: Found) -> None:
    for device_id, events in by_device(address):
        sent = sent_for_events(events, _config_of(device_id, address), address)
        found.batches += [spool.keep(ms, body, address) for ms, body in sent]


def by_device(
    address: str, tables: Sequence[str] = (), columns: Sequence[str] = ()
) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    """Yield each device of a store or file with its events in the order of their numbers.

    Each device's events are to be read before the next one is asked for.
    """
    names = parse_names(tables, columns)
    with open_store(address) as store, scratch() as room:
        rows = (
            (event["device_id"], event["sequence_number"], to_json(event))
            for _, event in wire_events(store, names)
        )
        room.fill("events", 3, rows)
        ordered = room.ordered("events", 0, 1)
        for device_id, group in groupby(ordered, key=lambda row: str(row[0])):
            yield device_id, _once(group)


def _once(group: Iterator[tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    """Parse each event; of one that a store holds twice the first counts."""
    before = None
    for _, number, line in group:
        if number != before:
            event: dict[str, Any] = parse(line)
            yield event
        before = number


def _config_of(device_id: str, address: str) -> BadgeConfig:
    return read_config({"device_id": device_id}, place=address)


_READERS = {"recording": _of_recording, "batches": _of_batches, "events": _of_events}
