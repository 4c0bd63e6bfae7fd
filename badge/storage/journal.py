"""Sequence counter and event queue in one log that laps a ring of NOR-flash pages.

Only one page, the head, is written.  When it is full the next one is erased and opened with a
checkpoint of all that is not an event.  Three laws keep a cut at any byte harmless:

* the two pages after the head hold nothing alive: what they held of worth is copied ahead before;
* a page is opened before anything changes in RAM, so that its checkpoint never tells of a change
  whose own record is not in flash yet;
* after a boot nothing is written near the place where the last write may have been cut off.

The journal does no I/O: it hands back `Program` and `Erase` effects, and reads once, at boot.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from badge.effects import Effect, Erase, Notice, Program
from badge.entry import Entry
from badge.errors import MisuseError
from badge.ports import FlashReader
from badge.storage import codec, recovery
from badge.storage.codec import Carried, Checkpoint, EventBody, Ranges, ReleaseBody
from badge.storage.config_slots import ConfigSlots
from badge.storage.geometry import OPEN_BYTES, Geometry
from badge.storage.page import OpeningReader, PageReader, read_opening, read_page
from badge.storage.record import RecordKind, encode, size_of
from badge.storage.store import Quarantined, Queue, Recovered, State

# A worker of 64 characters in any script, three versions and the numbers are below it.
STATE_BYTES_MAX = 400  # of its CBOR: an opening checkpoint must hold it
OPEN_BODY_MAX = OPEN_BYTES - size_of(b"")
_OVERFLOW_BYTES = 24  # what a dropped event adds to the record of the one that pushed it out
# A page that fails so often is bad: the next one is tried.
_PAGE_FAULTS_MAX = 8
_FAULTS_MAX = 64  # without a success in between: the chip is worn out
# More than one page holds: what the pump has not performed yet is always among them.
_MEND_MEMORY = 4096


class _Issued(NamedTuple):
    """A record handed out to be programmed, and what a checkpoint before it says."""

    address: int
    kind: RecordKind
    number: int
    body: bytes
    before: Checkpoint


class FlashJournal:
    """The store on flash (see `badge.storage.store.Store` for what its methods promise).

    The two readers are for callers that recover from many similar images and remember answers.
    """

    def __init__(
        self,
        flash: FlashReader,
        geometry: Geometry | None = None,
        page_reader: PageReader = read_page,
        opening_reader: OpeningReader = read_opening,
    ) -> None:
        self.flash = flash
        self.geometry = geometry or Geometry()
        self._readers = page_reader, opening_reader
        self.queue = Queue()
        self._forget()

    def _forget(self) -> None:
        self.found = False  # whether the last `recover` has read anything of a log
        self.queue = Queue(self.queue.queue_max, self.queue.quarantine_max)
        self.state = State()
        self.age_ms = 0
        self._config = ConfigSlots(self.geometry)
        self._head = self.geometry.ring_pages - 1
        self._generation = 0
        self._offset = self.geometry.page_bytes
        self._skipped: Ranges = ()
        self._alive: list[dict[int, int]] = [{} for _ in range(self.geometry.ring_pages)]
        self._page_of: dict[int, int] = {}
        self._alive_bytes = 0
        self._before = self._point()
        self._issued: deque[_Issued] = deque(maxlen=_MEND_MEMORY)
        self._page_faults = self._faults = 0
        self._effects: list[Effect] = []

    @property
    def config_document(self) -> Mapping[str, Any] | None:
        """The configuration that was pushed last and kept, or None."""
        return self._config.document

    # What the badge calls.

    def recover(self) -> Recovered:
        """Read every page once, take up the log where it can be trusted, and say what is lost."""
        self._forget()  # but the limits that the badge has set on the queue
        geometry = self.geometry
        self._effects += self._config.recover(self.flash)
        log = recovery.read_log(self.flash, geometry, *self._readers)
        self.found = log.generation > 0
        self._adopt(log)
        self._write_boot(log.void_from, log.carried)
        # After the record that skips their numbers: until then they are the only trace of them.
        self._effects += [Erase(geometry.page_address(page)) for page in log.garbage]
        self._free_ahead()
        return Recovered(self._take_effects(), log.lost, log.unfinished, log.unreadable)

    def append(self, entry: Entry, state: State) -> Sequence[Effect]:
        """Keep an event, what it did to the state, and what it pushed out, in one record.

        Raises `MisuseError`, and changes nothing, if it is too large for a record.
        """
        queue = self.queue
        body = EventBody(entry, None if state == self.state else state)
        size = size_of(codec.pack_event(body)) + _OVERFLOW_BYTES
        self._check(entry, size, state)
        # Before anything changes: opening a page writes a checkpoint of the present.
        self._reserve(size)
        floor = queue.floor
        self._make_room(size)
        # The drop travels in the record of the event that caused it: a cut takes both or none.
        if queue.floor != floor:
            body = body._replace(floor=queue.floor, overflow_count=queue.overflow_count)
        self.state = state
        queue.entries.append(entry)
        queue.next_sequence = entry.sequence_number + 1
        self.age_ms = entry.age_ms
        self._keep(entry.sequence_number, codec.pack_event(body))
        return self._take_effects()

    def save_state(self, state: State) -> Sequence[Effect]:
        """Write the state."""
        _check_state(state)
        values = codec.pack_state(state)
        body = codec.pack_values(self.queue.next_sequence, *values)
        self._reserve(size_of(body))
        self.state = state
        self._program(RecordKind.STATE, 0, body)
        return self._take_effects()

    def save_age(self, age_ms: int) -> Sequence[Effect]:
        """Write the lifetime clock."""
        body = codec.pack_values(self.queue.next_sequence)
        self._reserve(size_of(body))
        self.age_ms = age_ms
        self._program(RecordKind.AGE, age_ms, body)
        return self._take_effects()

    def save_config(self, document: Mapping[str, Any]) -> Sequence[Effect]:
        """Write the configuration into the slot that does not hold the present one."""
        return self._config.save(document)

    def stamp(self, offset_ms: int) -> tuple[Sequence[Effect], list[Entry]]:
        """Write the stamp, so that an event carries the same time after any reboot."""
        # Nothing to stamp costs no write: UTC is told at every sync of the network.
        if all(entry.unix_ms is not None for entry in self.queue.entries):
            return (), []
        body = codec.pack_values(self.queue.next_sequence, offset_ms)
        self._reserve(size_of(body))
        stamped = self.queue.stamp(offset_ms)
        self._program(RecordKind.STAMP, stamped[-1].sequence_number, body)
        return self._take_effects(), stamped

    def settle(self, through: int, rejected: Mapping[int, str]) -> Sequence[Effect]:
        """Write the release before anything relies on it; long lists go in several steps."""
        for part_through, part in codec.release_steps(through, rejected):
            count = self.queue.quarantine_count + self._waiting(part)
            body = codec.pack_release(ReleaseBody(self.queue.next_sequence, count, part))
            self._reserve(size_of(body))
            for entry in self.queue.settle(part_through, part):
                self._bury(entry.sequence_number)
            self._limit_quarantine()
            self._program(RecordKind.RELEASE, part_through, body)
        return self._take_effects()

    def mend(self, address: int) -> Sequence[Effect]:
        """Write again, elsewhere, what did not read back, and all that was handed out after it.

        The pump performs this before the rest of what it holds.  So the order in flash stays that
        of the log, and what the pump still performs at the old places are copies.
        """
        # Below the ring lie the configuration's slots.
        if address < self.geometry.page_address(0):
            return self._config.put_off()
        tail = self._take_tail(address)
        if not tail:
            return ()  # it was written again already
        self._faults += 1
        self._page_faults += 1
        if self._faults > _FAULTS_MAX:
            return (Notice("flash_worn", "flash does not keep what is written any more"),)
        opened_since = any(item.kind is RecordKind.CHECKPOINT for item in tail)
        if opened_since or self._page_faults > _PAGE_FAULTS_MAX:
            self._open_next(tail[0].before)
        for item in tail:
            if item.kind is not RecordKind.CHECKPOINT:
                self._write_again(item)
        self._free_ahead()
        effects = tuple(self._effects)
        self._effects.clear()
        return effects

    def is_full(self, size: int) -> bool:
        """Say whether a record of this size may push out the oldest event."""
        return self._alive_bytes + size > self.geometry.budget_bytes

    def _waiting(self, numbers: Mapping[int, str]) -> int:
        return sum(entry.sequence_number in numbers for entry in self.queue.entries)

    def _take_effects(self) -> tuple[Effect, ...]:
        effects = tuple(self._effects)
        self._effects.clear()
        # An operation was handed out whole: the faults before it are over.
        self._faults = 0
        return (*self._config.retry(), *effects)

    def _check(self, entry: Entry, size: int, state: State) -> None:
        _check_state(state)
        if entry.sequence_number != self.queue.next_sequence:
            raise MisuseError(
                f"event {entry.sequence_number}: the next number is {self.queue.next_sequence}"
            )
        if size > self.geometry.record_bytes_max:
            raise MisuseError(f"an event of {size} bytes is too large for a flash record")

    def _reserve(self, size: int) -> None:
        """Make sure that the head has room, and note what a checkpoint says at this moment."""
        # A lap at most: with all pages tried nothing is left that could have room.
        for _ in range(self.geometry.ring_pages):
            if self._has_room(size):
                break
            self._open_next(self._point())
            self._free_ahead()
        self._before = self._point()

    def _program(self, kind: RecordKind, number: int, body: bytes) -> None:
        """Write into room that was reserved."""
        self._issue(self._offset, kind, number, body)
        self._offset += size_of(body)

    def _issue(self, offset: int, kind: RecordKind, number: int, body: bytes) -> None:
        geometry = self.geometry
        address = geometry.page_address(self._head) + offset
        self._issued.append(_Issued(address, kind, number, body, self._before))
        position = self._generation * geometry.page_bytes + offset
        self._effects.append(Program(address, encode(kind, number, body, position)))

    def _keep(self, sequence_number: int, body: bytes) -> None:
        """Write an event into reserved room; it lives in the head from now on."""
        self._program(RecordKind.EVENT, sequence_number, body)
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
        queue = self.queue
        while queue.entries and (len(queue.entries) >= queue.queue_max or self.is_full(size)):
            self._bury(queue.drop_oldest().sequence_number)
        if self.is_full(size):
            self._limit_quarantine(size)

    def _limit_quarantine(self, size: int = 0) -> None:
        """Let the oldest refusals go: they must never take the room of what is still to be sent."""
        refused = self.queue.quarantined
        while len(refused) > self.queue.quarantine_max or (refused and self.is_full(size)):
            self._bury(refused.pop(0).entry.sequence_number)

    def _open_next(self, point: Checkpoint) -> None:
        """Erase the page after the head and open it.

        Nothing in it is alive unless more pages in a row have failed than were kept free; what is
        all the same is written anew from RAM.
        """
        geometry = self.geometry
        self._head = (self._head + 1) % geometry.ring_pages
        self._generation += 1
        self._offset = OPEN_BYTES
        self._page_faults = 0
        self._before = point
        homeless = self._bodies(self._alive[self._head])
        self._effects.append(Erase(geometry.page_address(self._head)))
        body = codec.pack_checkpoint(codec.fitting(point, OPEN_BODY_MAX))
        self._issue(0, RecordKind.CHECKPOINT, self._generation, body)
        for number, body in homeless:
            if self._has_room(size_of(body)):  # else it waits in RAM for a page of the next lap
                self._keep(number, body)

    def _has_room(self, size: int) -> bool:
        return self._offset + size <= self.geometry.page_bytes

    def _make_head(self, size: int, point: Checkpoint) -> None:
        """Open pages until the head has room: what was alive in one may fill it."""
        for _ in range(self.geometry.ring_pages):
            if not self._has_room(size):
                self._open_next(point)

    def _free_ahead(self) -> None:
        """Copy what is alive in the next two pages into the head, as far as there is room."""
        # Two, so that one page may go bad while the other is opened.
        for ahead in (1, 2):
            page = (self._head + ahead) % self.geometry.ring_pages
            for sequence_number, body in self._bodies(self._alive[page]):
                if not self._has_room(size_of(body)):
                    return
                self._before = self._point()
                self._keep(sequence_number, body)

    def _bodies(self, numbers: Mapping[int, int]) -> list[tuple[int, bytes]]:
        """Return these events as they are now, in the order of their numbers."""
        if not numbers:
            return []
        # From RAM, not from flash: stamps and refusals are then in the copy.
        waiting = [EventBody(e) for e in self.queue.entries if e.sequence_number in numbers]
        refused = [
            EventBody(item.entry, quarantine_reason=item.reason)
            for item in self.queue.quarantined
            if item.entry.sequence_number in numbers
        ]
        return [(b.entry.sequence_number, codec.pack_event(b)) for b in (*refused, *waiting)]

    def _write_boot(self, void_from: int, carried: Carried) -> None:
        """Write what this boot found; from now on the same is found whatever torn cells say."""
        point = self._before = self._point()
        body = codec.pack_boot(codec.fitting(point, OPEN_BODY_MAX), carried)
        self._make_head(size_of(body), point)
        self._program(RecordKind.BOOT, void_from, body)
        for kind, number, event in carried:
            if kind == RecordKind.EVENT and number in self._page_of:
                self._bury(number)
                self._settle_in(self._head, number, size_of(event))

    def _take_tail(self, address: int) -> list[_Issued]:
        """Remove the record at this address, and all after it, from what was handed out."""
        if all(item.address != address for item in self._issued):
            return []
        tail: list[_Issued] = []
        while not tail or tail[-1].address != address:
            tail.append(self._issued.pop())
        tail.reverse()
        return tail

    def _write_again(self, item: _Issued) -> None:
        self._make_head(size_of(item.body), item.before)
        self._before = item.before
        if item.kind is RecordKind.EVENT and item.number in self._page_of:
            self._keep(item.number, item.body)
        else:
            self._program(item.kind, item.number, item.body)

    def _point(self) -> Checkpoint:
        queue = self.queue
        # What is below the floor is settled; a checkpoint has no room to say it.
        self._skipped = tuple(pair for pair in self._skipped if pair[1] > queue.floor)
        return Checkpoint(
            queue.next_sequence,
            queue.floor,
            self.age_ms,
            queue.overflow_count,
            queue.quarantine_count,
            self._skipped,
            self.state,
        )

    def _adopt(self, log: recovery.Log) -> None:
        """Make what was read the present."""
        self._generation, self._offset = log.generation, log.resume
        self._head = self.geometry.page_of(log.generation)
        point = log.checkpoint
        self.state, self.age_ms = point.state, point.age_ms
        self._skipped = point.skipped
        queue = self.queue
        queue.next_sequence, queue.floor = point.next_sequence, point.floor
        queue.overflow_count = point.overflow_count
        queue.quarantine_count = point.quarantine_count
        for generation, size, entry, reason in log.alive:
            self._settle_in(self.geometry.page_of(generation), entry.sequence_number, size)
            if reason is None:
                queue.entries.append(entry)
            else:
                queue.quarantined.append(Quarantined(entry, reason))
        self._limit_quarantine()


def _check_state(state: State) -> None:
    size = len(codec.pack_values(*codec.pack_state(state)))
    if size > STATE_BYTES_MAX:
        raise MisuseError(f"a state of {size} bytes is too large: {STATE_BYTES_MAX} fit")
