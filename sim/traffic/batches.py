"""Batches on their way out again: where each lies, when it went, whose it is."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any

from pydantic_core import to_json

from badge.contract.documents import parse
from badge.contract.events import BATCH_EVENTS_LIMIT
from badge.errors import InputError


@dataclass(frozen=True, slots=True)
class Batch:
    """One POST: `moment_ms` is Unix time; the body lies in the spool at `offset`."""

    moment_ms: int
    device_id: str
    first_sequence: int
    last_sequence: int
    count: int
    offset: int
    length: int


class Spool:
    """Bodies in a file without a name, so that a day of hundreds of badges needs no memory."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the context
        self._end = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def keep(self, moment_ms: int, body: bytes, place: str) -> Batch:
        """Keep a body; InputError at `place` if it is no batch of one device."""
        device_id, numbers = _of(body, place)
        self._file.seek(self._end)
        self._file.write(body)
        offset, self._end = self._end, self._end + len(body)
        return Batch(
            moment_ms, device_id, min(numbers), max(numbers), len(numbers), offset, len(body)
        )

    def body(self, batch: Batch) -> bytes:
        """Give the body of a batch."""
        self._file.seek(batch.offset)
        return self._file.read(batch.length)


def _of(body: bytes, place: str) -> tuple[str, list[int]]:
    events = parse(body, place)
    if not isinstance(events, list) or not 0 < len(events) <= BATCH_EVENTS_LIMIT:
        raise InputError(f"{place}: expected a JSON array of 1 to {BATCH_EVENTS_LIMIT} events")
    devices = {one.get("device_id") if isinstance(one, dict) else None for one in events}
    found = [one.get("sequence_number") if isinstance(one, dict) else None for one in events]
    numbers = [number for number in found if type(number) is int]
    (device_id, *others) = devices
    if others or not isinstance(device_id, str) or len(numbers) < len(found):
        raise InputError(f"{place}: a batch needs one device_id, and a sequence_number an event")
    return device_id, numbers


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What is changed in every event: seconds added to its time, its device renamed."""

    shift_s: int = 0
    renamed: tuple[tuple[str, str], ...] = ()

    @property
    def changes(self) -> bool:
        """Whether anything is changed at all."""
        return bool(self.shift_s or self.renamed)

    def device(self, device_id: str) -> str:
        """Name a device as it goes out."""
        return dict(self.renamed).get(device_id, device_id)

    def body(self, body: bytes) -> bytes:
        """Rewriting a body; one that is not changed keeps its bytes."""
        if not self.changes:
            return body
        events = parse(body)
        for event in events:
            event["device_id"] = self.device(event["device_id"])
            event["timestamp_utc"] = shifted(event.get("timestamp_utc"), self.shift_s)
        return to_json(events)

    def batch(self, batch: Batch) -> Batch:
        """Rewriting what is known of a batch."""
        return replace(
            batch,
            device_id=self.device(batch.device_id),
            moment_ms=batch.moment_ms + self.shift_s * 1000,
        )


def shifted(moment: Any, seconds: int) -> Any:
    """Move a timestamp of the contract; what is none stays as it is."""
    if not seconds or not isinstance(moment, str):
        return moment
    head, dot, fraction = moment.removesuffix("Z").partition(".")
    try:
        moved = datetime.fromisoformat(head) + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return moment
    return f"{moved.isoformat()}{dot}{fraction}Z"


def in_order(batches: Iterable[Batch], keeps: Callable[[Batch], bool]) -> list[Batch]:
    """Sort by the moment; what one device sent stays in the order in which it was sent."""
    latest: dict[str, int] = {}
    found = []
    for batch in batches:
        moment_ms = max(batch.moment_ms, latest.get(batch.device_id, 0))
        latest[batch.device_id] = moment_ms
        found.append(replace(batch, moment_ms=moment_ms))
    return sorted(filter(keeps, found), key=lambda one: one.moment_ms)
