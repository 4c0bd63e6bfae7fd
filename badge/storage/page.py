"""What the records of a page say, and all that they say together, read in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from badge.storage.codec import (
    BootBody,
    Checkpoint,
    EventBody,
    Ranges,
    ReleaseBody,
    StampBody,
    read_body,
)
from badge.storage.geometry import OPEN_BYTES
from badge.storage.record import RecordKind, decode, scan, size_of
from badge.storage.store import State


class RecordLine(NamedTuple):
    """A good record with what its body stands for (see `codec.read_body`)."""

    kind: int
    number: int
    value: Any
    body: bytes
    offset: int
    size: int


class Page(NamedTuple):
    """What a page says if it is of that generation.

    `lines` are its good records, a good opening the first; `kept` are those that no BOOT record
    behind them voids.  `proven` tells of a good record behind the opening.  From the log position
    `void_from` on (None: nowhere) its first BOOT record voids what is in older pages.  `end` is
    the offset after the last byte that is not blank; `torn` if that byte belongs to no good
    record.  `total` is all that is kept, read in order; `whole` if that needs no older pages.
    """

    lines: tuple[RecordLine, ...]
    kept: tuple[RecordLine, ...]
    proven: bool
    void_from: int | None
    end: int
    torn: bool
    whole: bool
    total: Reading


PageReader = Callable[[bytes, int], Page]
OpeningReader = Callable[[bytes], int]
BodyReader = Callable[[int, int, bytes], Any]


def read_page(image: bytes, generation: int, body_reader: BodyReader = read_body) -> Page:
    """Read all good records of a page that is of this generation."""
    found = scan(image, OPEN_BYTES, generation)
    opening = _opening(image, generation)
    lines = [] if opening is None else [opening]
    for kind, number, body, offset, end in found.records:
        value = body_reader(kind, number, body)
        # A checkpoint opens a page, at its first byte; anywhere else it is no record of ours.
        if value is not None and kind != RecordKind.CHECKPOINT:
            lines.append(RecordLine(kind, number, value, body, offset, end - offset))
    proven = len(lines) > (opening is not None)
    kept, void_from = not_void(lines, generation * len(image))
    torn = bool(found.damaged) and found.damaged[-1][1] == found.end
    whole = bool(kept) and kept[0].kind in (RecordKind.CHECKPOINT, RecordKind.BOOT)
    total = Reading()
    for line in kept:
        total.take(generation, line)
    return Page(tuple(lines), kept, proven, void_from, found.end, torn, whole, total)


def not_void(lines: Sequence[RecordLine], start: int) -> tuple[tuple[RecordLine, ...], int | None]:
    """Return what no later BOOT record of a page voids, and from where on the first one voids."""
    void_from: int | None = None
    kept: list[RecordLine] = []
    for line in reversed(lines):
        if void_from is None or start + line.offset < void_from:
            kept.append(line)
            if line.kind == RecordKind.BOOT:
                void_from = line.number
    return tuple(reversed(kept)), void_from


def read_opening(image: bytes) -> int:
    """Return the generation that a page's opening checkpoint states, 0 if it has no good one."""
    # Most pages of a young ring are blank: one byte says so.
    if image[0] != RecordKind.CHECKPOINT:
        return 0
    generation = int.from_bytes(image[4:12], "little")
    return generation if _opening(image, generation) is not None else 0


def _opening(image: bytes, generation: int) -> RecordLine | None:
    record = decode(image, 0, generation)
    if record is None or record.kind != RecordKind.CHECKPOINT or record.end > OPEN_BYTES:
        return None
    value = read_body(record.kind, record.number, record.body)
    if value is None or record.number != generation:
        return None
    return RecordLine(record.kind, record.number, value, record.body, 0, record.end)


class Reading:
    """The state of the log while its records are read in order."""

    __slots__ = (
        "age_ms",
        "events",
        "floor",
        "next_sequence",
        "overflow_count",
        "quarantine_count",
        "rejected",
        "skipped",
        "stamped",
        "stamps",
        "state",
    )

    def __init__(self) -> None:
        self.next_sequence = 1
        self.floor = self.age_ms = self.overflow_count = self.quarantine_count = 0
        self.skipped: Ranges = ()
        self.state = State()
        self.events: dict[int, tuple[int, int, EventBody]] = {}
        self.rejected: dict[int, str] = {}
        self.stamps: list[tuple[int, int, int]] = []
        self.stamped: dict[int, int] = {}  # the offset in ms of an event's first stamp

    def take(self, generation: int, line: RecordLine) -> None:
        """Apply one record of a page of this generation."""
        _TAKE[line.kind](self, generation, line)

    def take_page(self, later: Reading) -> None:
        """Apply a page that starts with a checkpoint at once."""
        for floor, last, offset_ms in later.stamps:
            self._stamp_waiting(max(floor, self.floor), last, offset_ms)
        for number in later.events:
            self.stamped.pop(number, None)
        self.stamped |= later.stamped
        # Counters only grow: a record that rotted takes nothing back that another one says.
        self.next_sequence = max(self.next_sequence, later.next_sequence)
        self.floor = max(self.floor, later.floor)
        self.age_ms = max(self.age_ms, later.age_ms)
        self.overflow_count = max(later.overflow_count, self.overflow_count)
        self.quarantine_count = max(later.quarantine_count, self.quarantine_count)
        self.skipped, self.state = later.skipped, later.state
        self.events.update(later.events)
        self.rejected.update(later.rejected)

    def _checkpoint(self, generation: int, line: RecordLine) -> None:
        self._point(line.value)

    def _point(self, point: Checkpoint) -> None:
        self.next_sequence = max(point.next_sequence, self.next_sequence)
        self.floor = max(point.floor, self.floor)
        self.age_ms = max(point.age_ms, self.age_ms)
        self.overflow_count = max(point.overflow_count, self.overflow_count)
        self.quarantine_count = max(point.quarantine_count, self.quarantine_count)
        self.skipped, self.state = point.skipped, point.state

    def _boot(self, generation: int, line: RecordLine) -> None:
        """Apply a checkpoint, and what its carried records hold that it does not."""
        boot: BootBody = line.value
        self._point(boot.checkpoint)
        for kind, number, body in boot.carried:
            value = read_body(kind, number, body)
            if kind == RecordKind.EVENT and value is not None:
                self._keep(number, (generation, size_of(body), value))
                if value.quarantine_reason is not None:
                    self.rejected[number] = value.quarantine_reason
            elif kind == RecordKind.RELEASE and value is not None:
                self.rejected.update(value.rejected)
            elif kind == RecordKind.STAMP and value is not None:
                self._stamp_waiting(self.floor, number, value.offset_ms)

    def _event(self, generation: int, line: RecordLine) -> None:
        body: EventBody = line.value
        number = line.number
        self._keep(number, (generation, line.size, body))
        # An event alone proves its number used, whatever the checkpoint before it says.
        if number >= self.next_sequence:
            self.next_sequence = number + 1
        if body.entry.age_ms > self.age_ms:
            self.age_ms = body.entry.age_ms
        if body.state is not None:
            self.state = body.state
        self.floor = max(self.floor, body.floor)
        self.overflow_count = max(self.overflow_count, body.overflow_count)
        if body.quarantine_reason is not None:
            self.rejected[number] = body.quarantine_reason

    def _keep(self, number: int, event: tuple[int, int, EventBody]) -> None:
        """Keep an event, or a later copy: that was made of RAM, with its stamp if it had one."""
        self.events[number] = event
        self.stamped.pop(number, None)

    def _release(self, generation: int, line: RecordLine) -> None:
        release: ReleaseBody = line.value
        self.quarantine_count = max(self.quarantine_count, release.quarantine_count)
        self.rejected.update(release.rejected)
        self.floor = max(self.floor, line.number)
        self.next_sequence = max(self.next_sequence, release.next_sequence)

    def _stamp(self, generation: int, line: RecordLine) -> None:
        stamp: StampBody = line.value
        self._stamp_waiting(self.floor, line.number, stamp.offset_ms)
        self.next_sequence = max(self.next_sequence, stamp.next_sequence)

    def _stamp_waiting(self, floor: int, last: int, offset_ms: int) -> None:
        """Stamp what waited when the stamp was written: what had been logged, above the floor.

        The first stamp counts: a time of day that was uploaded never changes (section 3, Clock).
        """
        self.stamps.append((floor, last, offset_ms))
        for number in self.events:
            if floor < number <= last:
                self.stamped.setdefault(number, offset_ms)

    def _age(self, generation: int, line: RecordLine) -> None:
        self.age_ms = max(self.age_ms, line.number)
        self.next_sequence = max(self.next_sequence, line.value)

    def _change(self, generation: int, line: RecordLine) -> None:
        following, self.state = line.value
        self.next_sequence = max(self.next_sequence, following)


_TAKE: dict[int, Callable[[Reading, int, RecordLine], None]] = {
    RecordKind.CHECKPOINT: Reading._checkpoint,
    RecordKind.EVENT: Reading._event,
    RecordKind.RELEASE: Reading._release,
    RecordKind.STAMP: Reading._stamp,
    RecordKind.AGE: Reading._age,
    RecordKind.STATE: Reading._change,
    RecordKind.BOOT: Reading._boot,
}
