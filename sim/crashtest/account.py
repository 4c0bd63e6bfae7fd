"""What each badge has sent and been promised, as seen on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from pydantic_core import from_json, to_json

from sim.engine.promises import ORDERED, BrokenPromiseError


@dataclass(slots=True)
class Account:
    """One badge: the events sent are 1 to `len(prints)`, those up to `acknowledged` are promised.

    `ends` are the last numbers of all batches sent; a batch is kept whole or not at all.
    """

    device_id: str
    prints: list[bytes] = field(default_factory=list)
    ends: set[int] = field(default_factory=lambda: {0})
    acknowledged: int = 0

    def sent(self, body: bytes, last: int) -> None:
        """A batch leaves; its events keep the content with which they were sent first."""
        self.ends.add(last)
        if last > len(self.prints):
            for event in from_json(body):
                if event["sequence_number"] > len(self.prints):
                    self._first_sent(event)

    def _first_sent(self, event: Mapping[str, Any]) -> None:
        number = event["sequence_number"]
        if number != len(self.prints) + 1:
            raise BrokenPromiseError(ORDERED, f"{self.device_id}: {number} came too early")
        kind, at = event["event_type"], event["timestamp_utc"]
        payload, firmware = to_json(event["payload"]).decode(), event["firmware_version"]
        self.prints.append(fingerprint(kind, at, payload, firmware))

    def acknowledge(self, first: int, last: int) -> None:
        """The server answered that a batch is on disk."""
        if first > self.acknowledged + 1:
            text = f"{self.device_id}: {first} came before {self.acknowledged + 1}"
            raise BrokenPromiseError(ORDERED, text)
        self.acknowledged = max(self.acknowledged, last)


def fingerprint(*content: str) -> bytes:
    """Return 8 bytes that stand for an event's content."""
    return blake2b("\n".join(content).encode(), digest_size=8).digest()
