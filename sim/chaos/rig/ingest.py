"""The real ingest on SQLite in memory, watched: what is stored, and what was refused by right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pydantic_core import from_json, to_json

from badge.contract.version import Version
from sim.engine.promises import BrokenPromiseError
from sim.ingest.api.answers import Answer
from sim.ingest.api.ingest import Ingest, Rules
from sim.ingest.store.keys import hash_key
from sim.ingest.store.sqlite import SqliteStore
from sim.ingest.store.values import Added, KnownDevice

START_UNIX_MS = 1_773_470_820_000
OLDEST_LATER = Version(0, 2, 0)
_POISON_STEP = 2_654_435_761


class WatchedStore(SqliteStore):
    """The ingest's own store; `stored` has the numbers of each device that it said to have kept."""

    def __init__(self) -> None:
        super().__init__(":memory:")
        self.stored: dict[str, set[int]] = {}

    def add_batch(self, events: Sequence[dict[str, Any]], received_at: str) -> Added:
        """Keep as ever, then note the numbers."""
        added = super().add_batch(events, received_at)
        numbers = (event["sequence_number"] for event in events)
        self.stored[events[0]["device_id"]].update(numbers)
        return added


class CheckedIngest:
    """The ingest as the network reaches it; a poisoned event is one that it will not take."""

    def __init__(self, seed: int, poisoned_share: float, now_ms: Callable[[], int]) -> None:
        self.store = WatchedStore()
        self.refused: dict[str, set[int]] = {}
        self._ingest = Ingest(self.store, lambda: START_UNIX_MS + now_ms())
        self._seed = seed
        self._poisoned_per_mille = int(poisoned_share * 1000)

    def provision(self, device_id: str) -> None:
        """Make a badge known, with its key."""
        key = hash_key(key_of(device_id))
        self.store.add_device(
            KnownDevice(device_id, "chaos", None, None, "2026-03-14T00:00:00Z", key)
        )
        self.store.stored[device_id] = set()
        self.refused[device_id] = set()

    def heal(self) -> None:
        """Take whatever is valid from now on."""
        self._poisoned_per_mille = 0

    def post(self, device_id: str, body: bytes, *, authorized: bool, deprecating: bool) -> Answer:
        """Post a batch; BrokenPromiseError if it is refused for a reason of the badge's making."""
        self._ingest.rules = Rules(oldest_firmware=OLDEST_LATER if deprecating else None)
        key = key_of(device_id) if authorized else "ak_revoked"
        poisoned, sent = self._poison(device_id, body)
        answer = self._ingest.post_events({"X-Actual-Api-Key": key}, sent)
        if authorized and answer.status != 202:
            self._judge(device_id, body, poisoned, answer, deprecating=deprecating)
        return answer

    def _poison(self, device_id: str, body: bytes) -> tuple[frozenset[int], bytes]:
        share = self._poisoned_per_mille
        if not share:
            return frozenset(), body
        events = from_json(body)
        spoilt = frozenset(
            event["sequence_number"]
            for event in events
            if (event["sequence_number"] * _POISON_STEP + self._seed) % 1000 < share
        )
        if not spoilt:
            return spoilt, body
        for event in events:
            if event["sequence_number"] in spoilt:
                del event["timestamp_utc"]
        return spoilt, to_json(events)

    def _judge(
        self,
        device_id: str,
        body: bytes,
        poisoned: frozenset[int],
        answer: Answer,
        *,
        deprecating: bool,
    ) -> None:
        """Note who is refused, and check that each has it coming."""
        versions = {
            event["sequence_number"]: event["firmware_version"] for event in from_json(body)
        }
        reasons = {number: str(answer.body.get("error")) for number in versions}
        if answer.status == 207:
            items = answer.body["rejected_events"]
            reasons = {item["sequence_number"]: item["reason"] for item in items}
        for number, reason in reasons.items():
            outdated = deprecating and versions.get(number, "9").startswith("0.1.")
            if number not in poisoned and not outdated:
                seen = f"the ingest answers {answer.status} to event {number}: {reason}"
                raise BrokenPromiseError("contract", seen, device_id)
        if answer.status != 422:
            self.refused[device_id].update(reasons)


def key_of(device_id: str) -> str:
    """Return a badge's key; the same in every run."""
    return f"ak_{device_id.removeprefix('ACT-')}_{'0' * 48}"
