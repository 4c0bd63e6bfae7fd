"""A store in plain memory, and a store's content as JSON: where a recording starts."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from badge.effects import Effect
from badge.entry import Entry
from badge.storage.store import Quarantined, Queue, Recovered, State, Store


class MemoryStore:
    """A store in plain memory, for large fleets and replays: it survives boots, costs no flash."""

    def __init__(self, queue: Queue | None = None) -> None:
        self.queue = queue or Queue()
        self.state = State()
        self.age_ms = 0
        self.config_document: Mapping[str, Any] | None = None

    def recover(self) -> Recovered:
        """Find everything as it was."""
        return Recovered()

    def append(self, entry: Entry, state: State) -> Sequence[Effect]:
        """Keep the event; on overflow the oldest goes."""
        queue = self.queue
        queue.entries.append(entry)
        queue.next_sequence = entry.sequence_number + 1
        while len(queue.entries) > queue.queue_max:
            queue.drop_oldest()
        self.state = state
        self.age_ms = entry.age_ms
        return ()

    def save_state(self, state: State) -> Sequence[Effect]:
        """Keep the state."""
        self.state = state
        return ()

    def save_age(self, age_ms: int) -> Sequence[Effect]:
        """Keep the lifetime clock."""
        self.age_ms = age_ms
        return ()

    def save_config(self, document: Mapping[str, Any]) -> Sequence[Effect]:
        """Keep the configuration."""
        self.config_document = dict(document)
        return ()

    def stamp(self, offset_ms: int) -> tuple[Sequence[Effect], list[Entry]]:
        """Stamp in place."""
        return (), self.queue.stamp(offset_ms)

    def settle(self, through: int, rejected: Mapping[int, str]) -> Sequence[Effect]:
        """Release in place."""
        self.queue.settle(through, rejected)
        return ()

    def mend(self, address: int) -> Sequence[Effect]:
        """Nothing can fault here."""
        return ()


def snapshot(store: Store) -> dict[str, Any]:
    """Return a store's whole content as JSON values: where a recording starts."""
    queue = store.queue
    return {
        "next_sequence": queue.next_sequence,
        "floor": queue.floor,
        "overflow_count": queue.overflow_count,
        "quarantine_count": queue.quarantine_count,
        "age_ms": store.age_ms,
        "state": {name: getattr(store.state, name) for name in State.__slots__},
        "queue": [_entry_json(entry) for entry in queue.entries],
        "quarantine": [[_entry_json(item.entry), item.reason] for item in queue.quarantined],
        "config": _without_key(store.config_document),
    }


def restore(document: Mapping[str, Any]) -> MemoryStore:
    """Make a memory store from a `snapshot`; KeyError, TypeError or ValueError if it is none."""
    queue = Queue(
        entries=deque(_entry(item) for item in document["queue"]),
        quarantined=[Quarantined(_entry(e), str(why)) for e, why in document["quarantine"]],
        next_sequence=int(document["next_sequence"]),
        floor=int(document["floor"]),
        overflow_count=int(document["overflow_count"]),
        quarantine_count=int(document["quarantine_count"]),
    )
    store = MemoryStore(queue)
    store.age_ms = int(document["age_ms"])
    store.state = State(**document["state"])
    store.config_document = document["config"]
    return store


def _without_key(document: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if document is None:
        return None
    return {key: value for key, value in document.items() if key != "api_key"}


def _entry_json(entry: Entry) -> list[Any]:
    return [
        entry.sequence_number,
        entry.event_type,
        dict(entry.payload),
        entry.firmware_version,
        entry.age_ms,
        entry.unix_ms,
    ]


def _entry(item: Iterable[Any]) -> Entry:
    return Entry(*item)
