"""Sequence counter and event queue in one log that laps a ring of NOR-flash pages.

Only one page, the head, is written.  When it is full the next one is erased and opened with a
checkpoint of all that is not an event.  Two laws keep a cut at any byte harmless:

* what a page about to be opened still holds of worth has been copied ahead before: the page after
  the head holds nothing alive, and the one after that is emptied as soon as the head opens;
* after a boot nothing is written near the place where the last write may have been cut off.

The journal does no I/O: it hands back `Program` and `Erase` effects, and reads once, at boot.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from badge import codec, config_slots, recovery
from badge.codec import Checkpoint, EventBody, Ranges
from badge.effects import Effect, Erase, Program
from badge.entry import Entry
from badge.errors import MisuseError
from badge.geometry import OPEN_BYTES, Geometry
from badge.record import Kind, encode, size_of
from badge.store import Quarantined, Queue, Recovered, State

_PAGE_FAULTS_MAX = 8
_MEND_MEMORY = 256


class FlashReader(Protocol):
    """The read side of a flash chip."""

    def read(self, address: int, length: int) -> bytes:
        """Return that many bytes from this address."""


class FlashJournal:
    """The store on flash (see `badge.store.Store` for what its methods promise)."""

    def __init__(self, flash: FlashReader, geometry: Geometry | None = None) -> None:
        self._flash = flash
        self._geometry = geometry or Geometry()
        self.queue = Queue()
        self._forget()

    def _forget(self) -> None:
        self.queue = Queue(self.queue.queue_max, self.queue.quarantine_max)
        self.state = State()
        self.age_ms = 0
        self.config_document: Mapping[str, Any] | None = None
        self._config_version = 0
        self._head = self._geometry.ring_pages - 1
        self._generation = 0
        self._offset = self._geometry.page_bytes
        self._skipped: Ranges = ()
        self._alive: list[dict[int, int]] = [{} for _ in range(self._geometry.ring_pages)]
        self._page_of: dict[int, int] = {}
        self._alive_bytes = 0
        self._recent: deque[tuple[int, Kind, int, bytes]] = deque(maxlen=_MEND_MEMORY)
        self._page_faults = 0
        self._effects: list[Effect] = []

    # What the badge calls.

    def recover(self) -> Recovered:
        """Read every page once, take up the log where it can be trusted, and say what is lost."""
        self._forget()
        geometry = self._geometry
        self._config_version, self.config_document = config_slots.read(self._flash, geometry)
        log = recovery.read_log(self._flash, geometry)
        if log is None:
            self._open_next()
            return Recovered(self._take_effects())
        self._adopt(log)
        for kind, number, body in log.uncertain:
            self._write(kind, number, body)
        self._write(Kind.CHECKPOINT, self._generation, self._checkpoint())
        self._free_ahead()
        return Recovered(self._take_effects(), log.lost, log.unfinished)

    def append(self, entry: Entry, state: State) -> Sequence[Effect]:
        """Keep an event, what it did to the state, and what it pushed out, in one record."""
        queue = self.queue
        new_state = None if state == self.state else state
        plain = codec.pack_event(EventBody(entry, new_state))
        floor_before = queue.floor
        self._make_room(size_of(plain))
        self.state = state
        queue.entries.append(entry)
        queue.next_sequence = entry.sequence_number + 1
        self.age_ms = entry.age_ms
        if queue.floor != floor_before:
            plain = codec.pack_event(EventBody(entry, state, queue.floor, queue.overflow_count))
        self._keep(entry.sequence_number, plain)
        return self._take_effects()

    def save_state(self, state: State) -> Sequence[Effect]:
        """Write the state."""
        self.state = state
        self._write(Kind.STATE, 0, codec.pack_values(*codec.pack_state(state)))
        return self._take_effects()

    def save_age(self, age_ms: int) -> Sequence[Effect]:
        """Write the lifetime clock."""
        self.age_ms = age_ms
        self._write(Kind.AGE, age_ms, b"")
        return self._take_effects()

    def save_config(self, document: Mapping[str, Any]) -> Sequence[Effect]:
        """Write the configuration into the slot that does not hold the present one."""
        self._config_version += 1
        self.config_document = dict(document)
        return config_slots.write(document, self._config_version, self._geometry)

    def stamp(self, offset_ms: int) -> tuple[Sequence[Effect], list[Entry]]:
        """Write the stamp, so that an event carries the same time after any reboot."""
        stamped = self.queue.stamp(offset_ms)
        if stamped:
            last = stamped[-1].sequence_number
            self._write(Kind.STAMP, last, codec.pack_values(offset_ms))
        return self._take_effects(), stamped

    def settle(self, through: int, rejected: Mapping[int, str]) -> Sequence[Effect]:
        """Write the release before anything relies on it; long lists go in several steps."""
        for part_through, part in _portions(through, rejected):
            for entry in self.queue.settle(part_through, part):
                self._bury(entry.sequence_number)
            self._write(Kind.RELEASE, part_through, codec.pack_release(part))
        return self._take_effects()

    def mend(self, address: int) -> Sequence[Effect]:
        """Write again what did not read back: behind it, or in a fresh page if it is an opening."""
        page, offset = divmod(address - self._geometry.page_address(0), self._geometry.page_bytes)
        recent = next((item for item in self._recent if item[0] == address), None)
        if page < 0:
            return self._mend_config()
        self._page_faults += 1
        if page == self._head and (offset < OPEN_BYTES or self._page_faults > _PAGE_FAULTS_MAX):
            self._open_next()
        if recent is not None:
            self._write_again(*recent[1:])
        return self._take_effects()

    # How it is done.

    def _take_effects(self) -> tuple[Effect, ...]:
        effects = tuple(self._effects)
        self._effects.clear()
        return effects

    def _write(self, kind: Kind, number: int, body: bytes) -> None:
        size = size_of(body)
        if size > self._geometry.room_bytes:
            raise MisuseError(f"a record of {size} bytes does not fit into a flash page")
        for _ in range(self._geometry.ring_pages):
            if self._offset + size <= self._geometry.page_bytes:
                break
            self._open_next()
            self._free_ahead()
        self._program(self._offset, kind, number, body)
        self._offset += size

    def _program(self, offset: int, kind: Kind, number: int, body: bytes) -> None:
        address = self._geometry.page_address(self._head) + offset
        self._recent.append((address, kind, number, body))
        self._effects.append(Program(address, encode(kind, number, body, self._generation)))

    def _keep(self, sequence_number: int, body: bytes) -> None:
        """Write an event, alive from now on in the head."""
        self._write(Kind.EVENT, sequence_number, body)
        self._bury(sequence_number)
        self._settle_in(self._head, sequence_number, size_of(body))

    def _settle_in(self, page: int, sequence_number: int, size: int) -> None:
        self._alive[page][sequence_number] = size
        self._page_of[sequence_number] = page
        self._alive_bytes += size

    def _bury(self, sequence_number: int) -> None:
        page = self._page_of.pop(sequence_number, None)
        if page is not None:
            self._alive_bytes -= self._alive[page].pop(sequence_number)

    def _make_room(self, size: int) -> None:
        queue, budget = self.queue, self._geometry.budget_bytes
        while queue.entries and (
            len(queue.entries) >= queue.queue_max or self._alive_bytes + size > budget
        ):
            self._bury(queue.drop_oldest().sequence_number)

    def _open_next(self) -> None:
        """Erase the page after the head and open it.

        Nothing in it should be alive; what is all the same is written anew from RAM.
        """
        self._head = (self._head + 1) % self._geometry.ring_pages
        self._generation += 1
        self._offset = OPEN_BYTES
        self._page_faults = 0
        homeless = [(number, self._body_of(number)) for number in self._alive[self._head]]
        self._effects.append(Erase(self._geometry.page_address(self._head)))
        self._program(0, Kind.CHECKPOINT, self._generation, self._checkpoint())
        for number, body in homeless:
            self._keep(number, body)

    def _free_ahead(self) -> None:
        """Copy what is alive in the next two pages into the head, as far as there is room."""
        for ahead in (1, 2):
            page = (self._head + ahead) % self._geometry.ring_pages
            if page == self._head:
                continue
            for sequence_number in list(self._alive[page]):
                body = self._body_of(sequence_number)
                if self._offset + size_of(body) > self._geometry.page_bytes:
                    return
                self._keep(sequence_number, body)

    def _body_of(self, sequence_number: int, state: State | None = None) -> bytes:
        queue = self.queue
        for entry in queue.entries:
            if entry.sequence_number == sequence_number:
                floor, overflow = (queue.floor, queue.overflow_count) if state else (0, 0)
                return codec.pack_event(EventBody(entry, state, floor, overflow))
        for item in queue.quarantined:
            if item.entry.sequence_number == sequence_number:
                return codec.pack_event(EventBody(item.entry, quarantine_reason=item.reason))
        raise MisuseError(f"event {sequence_number} is alive in flash but nowhere in the queue")

    def _write_again(self, kind: Kind, number: int, body: bytes) -> None:
        """Write what faulted; what may have been overtaken since is written as of now."""
        if kind is Kind.EVENT and number in self._page_of:
            self._keep(number, self._body_of(number, self.state))
        if kind in (Kind.RELEASE, Kind.STAMP):
            self._write(kind, number, body)
        self._write(Kind.CHECKPOINT, self._generation, self._checkpoint())

    def _mend_config(self) -> Sequence[Effect]:
        if self.config_document is None:
            return ()
        return self.save_config(self.config_document)

    def _checkpoint(self) -> bytes:
        queue = self.queue
        self._skipped = tuple(pair for pair in self._skipped if pair[1] > queue.floor)
        return codec.pack_checkpoint(
            Checkpoint(
                queue.next_sequence,
                queue.floor,
                self.age_ms,
                queue.overflow_count,
                queue.quarantine_count,
                self._skipped,
                self.state,
            )
        )

    def _adopt(self, log: recovery.Log) -> None:
        """Make what was read the present."""
        self._head, self._generation, self._offset = log.head, log.generation, log.resume
        point = log.checkpoint
        self.state, self.age_ms = point.state, point.age_ms
        self._skipped = point.skipped
        queue = self.queue
        queue.next_sequence, queue.floor = point.next_sequence, point.floor
        queue.overflow_count = point.overflow_count
        queue.quarantine_count = point.quarantine_count
        for found in log.alive:
            self._settle_in(found.page, found.body.entry.sequence_number, found.size)
            if found.body.quarantine_reason is None:
                queue.entries.append(found.body.entry)
            else:
                queue.quarantined.append(
                    Quarantined(found.body.entry, found.body.quarantine_reason)
                )
        while len(queue.quarantined) > queue.quarantine_max:
            self._bury(queue.quarantined.popleft().entry.sequence_number)


def _portions(through: int, rejected: Mapping[int, str]) -> list[tuple[int, dict[int, str]]]:
    """Cut a release into steps that each fit a record; every step settles a prefix."""
    numbers = sorted(n for n in rejected if n <= through)
    parts = [
        {n: rejected[n][:_REASON_MAX] for n in numbers[at : at + _REJECTED_PER_RECORD]}
        for at in range(0, len(numbers), _REJECTED_PER_RECORD)
    ]
    steps = [(max(part), part) for part in parts]
    if not steps or steps[-1][0] < through:
        steps.append((through, {}))
    return steps


_REASON_MAX = 60
_REJECTED_PER_RECORD = 4
