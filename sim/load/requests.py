"""What is sent: batches as whole HTTP requests, anew in every pass, or the same again and again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic_core import to_json

from badge.errors import InputError
from sim.traffic.batches import Batch, Spool

BYTES_MAX = 256 << 20
MADE_EVENTS, MADE_FIRST = 100, 0x10AD0000
_NUMBER = re.compile(rb'("sequence_number"\s*:\s*)(\d+)')


@dataclass(frozen=True, slots=True)
class LoadBatch:
    """A batch to send: whose it is, its events, and its numbers, which each pass raises."""

    device_id: str
    count: int
    body: bytes
    first_sequence: int
    last_sequence: int


class Requests:
    """Whole requests, one after the other, for ever: `take` gives one and how many events it has.

    After a pass through all batches the next one raises every device's numbers above those that
    were sent, so that no backend may answer out of its memory; `same` leaves the bytes as they are.
    """

    def __init__(
        self, batches: Sequence[LoadBatch], heads: Mapping[str, bytes], *, same: bool
    ) -> None:
        if not batches:
            raise InputError("there is no batch to send")
        self._same = same
        self._made = [_Template(one, _head(heads, one.device_id)) for one in batches]
        first: dict[str, int] = {}
        last: dict[str, int] = {}
        for one in batches:
            first[one.device_id] = min(one.first_sequence, first.get(one.device_id, 1 << 63))
            last[one.device_id] = max(one.last_sequence, last.get(one.device_id, 0))
        self._span = {name: last[name] - first[name] + 1 for name in first}
        # A bound method of a generator: what a hot loop calls most must cost least.
        self.take: Callable[[], tuple[bytes, int]] = self._passes().__next__

    def _passes(self) -> Iterator[tuple[bytes, int]]:
        whole = [(one.request(0), one.count) for one in self._made]
        yield from whole
        while self._same:
            yield from whole
        number = 0
        while True:
            number += 1
            for one in self._made:
                yield one.request(number * self._span[one.device_id]), one.count


class _Template:
    """A request cut at its numbers."""

    __slots__ = ("_head", "_numbers", "_parts", "count", "device_id")

    def __init__(self, batch: LoadBatch, head: bytes) -> None:
        self.device_id, self.count, self._head = batch.device_id, batch.count, head
        pieces = _NUMBER.split(batch.body)
        # split gives: text, "name:", number, text, "name:", number, …, text
        joined = [a + b for a, b in zip(pieces[::3], [*pieces[1::3], b""], strict=True)]
        self._parts, self._numbers = joined, [int(one) for one in pieces[2::3]]

    def request(self, raised: int) -> bytes:
        """Give the request with its numbers raised by so many."""
        parts: list[bytes] = [b""] * (len(self._parts) + len(self._numbers))
        parts[::2] = self._parts
        parts[1::2] = [b"%d" % (number + raised) for number in self._numbers]
        body = b"".join(parts)
        return b"%b%d\r\n\r\n%b" % (self._head, len(body), body)


def _head(heads: Mapping[str, bytes], device_id: str) -> bytes:
    return heads.get(device_id) or heads[""]


def from_spool(batches: Sequence[Batch], spool: Spool) -> list[LoadBatch]:
    """Read batches into memory; InputError if they are too many for that."""
    size = sum(batch.length for batch in batches)
    if size > BYTES_MAX:
        raise InputError(
            f"--from: {size >> 20} MiB of batches; load takes {BYTES_MAX >> 20} at most: give a "
            "part of them"
        )
    return [
        LoadBatch(one.device_id, one.count, spool.body(one), one.first_sequence, one.last_sequence)
        for one in batches
    ]


def made(
    devices: int, now_s: float, events: int = MADE_EVENTS, *, first: int = MADE_FIRST
) -> list[LoadBatch]:
    """Make a batch of gps events for each of so many badges behind `first`, as of now."""
    at = datetime.fromtimestamp(int(now_s), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    found = []
    for number in range(1, devices + 1):
        device_id = f"ACT-{(first + number) % (1 << 32):08X}"
        body = [
            {
                "device_id": device_id,
                "firmware_version": "0.3.0",
                "event_type": "gps",
                "timestamp_utc": at,
                "sequence_number": place,
                "payload": {
                    "lat": round(45.8 + number / 1e4 + place / 1e6, 6),
                    "lon": 15.98,
                    "accuracy_m": 3.6,
                    "fix_type": "3d",
                },
            }
            for place in range(1, events + 1)
        ]
        found.append(LoadBatch(device_id, events, to_json(body), 1, events))
    return found
