"""A store in plain memory, and a store's content as JSON: where a recording starts."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Annotated, Any

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from badge.contract.documents import fit
from badge.contract.events import SEQUENCE_MAX, EventType, FirmwareVersion
from badge.effects import Effect
from badge.entry import UNIX_MS_END, Entry
from badge.errors import InputError
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


# What a recording may say its badge already held: kinds exact, moments that can be written.
_Count = Annotated[int, Field(strict=True, ge=0, le=SEQUENCE_MAX)]
_Number = Annotated[int, Field(strict=True, ge=1, le=SEQUENCE_MAX)]
_AgeMs = Annotated[int, Field(strict=True, ge=0, le=2**53)]
_UnixMs = Annotated[int, Field(strict=True, ge=0, lt=UNIX_MS_END)]
_Text = Annotated[str, Field(strict=True, max_length=1000)]
_Flag = Annotated[bool, Field(strict=True)]
_KeptEvent = tuple[_Number, EventType, dict[str, Any], FirmwareVersion, _AgeMs, _UnixMs | None]


@with_config(ConfigDict(extra="forbid"))
class _KeptState(TypedDict):
    boot_age_ms: _AgeMs
    worker_id: _Text | None
    shift_started_age_ms: _AgeMs
    low_armed: _Flag
    critical_armed: _Flag
    installed_version: _Text
    running_version: _Text
    previous_version: _Text
    ota_until_age_ms: _AgeMs


@with_config(ConfigDict(extra="forbid"))
class _Snapshot(TypedDict):
    next_sequence: _Number
    floor: _Count
    overflow_count: _Count
    quarantine_count: _Count
    age_ms: _AgeMs
    state: _KeptState
    queue: list[_KeptEvent]
    quarantine: list[tuple[_KeptEvent, _Text]]
    config: dict[str, Any] | None


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


def restore(document: Mapping[str, Any], place: str = "store") -> MemoryStore:
    """Make a memory store from a `snapshot`; `InputError` at `place` if it is none."""
    kept = fit(_Snapshot, document, place)
    queue = Queue(
        entries=deque(Entry(*item) for item in kept["queue"]),
        quarantined=[Quarantined(Entry(*item), why) for item, why in kept["quarantine"]],
        next_sequence=kept["next_sequence"],
        floor=kept["floor"],
        overflow_count=kept["overflow_count"],
        quarantine_count=kept["quarantine_count"],
    )
    numbers = [queue.floor, *(e.sequence_number for e in queue.entries), queue.next_sequence]
    if any(after <= before for before, after in pairwise(numbers)):
        raise InputError(f"{place}: queue: the numbers do not rise from floor to next_sequence")
    store = MemoryStore(queue)
    store.age_ms = kept["age_ms"]
    store.state = State(**kept["state"])
    store.config_document = kept["config"]
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
