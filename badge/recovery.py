"""Reading a journal after a cut: which page is the head, what is alive, what is lost.

The generation of a page follows from its place in the ring, so a page whose opening rotted is
still read.  Nothing here writes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from badge import codec
from badge.codec import Checkpoint, EventBody, Ranges
from badge.geometry import OPEN_BYTES, Geometry
from badge.record import WORD_BYTES, Kind, Record, Scan, decode, scan
from badge.store import State

TEAR_GAP_BYTES = 16
SEQUENCE_RESERVE = 1  # numbers that one power loss may skip
_RANGES_MAX = 24


class _Reader(Protocol):
    def read(self, address: int, length: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Found:
    """An event that is alive: its page and the bytes that it takes there."""

    page: int
    size: int
    body: EventBody


@dataclass(frozen=True, slots=True)
class Log:
    """What a scan of the whole ring says.

    `resume` is the first offset in the head that no cut-off write can have touched;
    `uncertain` is the last record before it, to be written once more, since its last word may
    read well now and badly later.
    """

    head: int
    generation: int
    resume: int
    checkpoint: Checkpoint
    alive: tuple[Found, ...]
    uncertain: tuple[tuple[Kind, int, bytes], ...]
    lost: Ranges
    unfinished: tuple[int, ...]


class _Page(NamedTuple):
    place: int
    generation: int
    opening: Record | None
    scan: Scan


def read_log(flash: _Reader, geometry: Geometry) -> Log | None:
    """Read every page of the ring once; None if the ring was never used."""
    images = [
        flash.read(geometry.page_address(page), geometry.page_bytes)
        for page in range(geometry.ring_pages)
    ]
    head = _find_head(images)
    if head is None:
        return None
    pages = _scan_pages(images, *head)
    return _interpret(pages, geometry)


def _opening(image: bytes) -> Record | None:
    """Return a page's opening checkpoint; it is the only record whose CRC says its generation."""
    if image[0] != Kind.CHECKPOINT:
        return None
    generation = int.from_bytes(image[4:12], "little")
    record = decode(image[:OPEN_BYTES], 0, generation & 0xFFFFFFFF)
    return record if record is not None and record.kind == Kind.CHECKPOINT else None


def _find_head(images: list[bytes]) -> tuple[int, int] | None:
    newest: tuple[int, int] | None = None
    for index, image in enumerate(images):
        opening = _opening(image)
        if opening is not None and (newest is None or opening.number > newest[1]):
            newest = (index, opening.number)
    if newest is None:
        return None
    index, generation = (newest[0] + 1) % len(images), newest[1] + 1
    # The head itself may have a rotten opening: then its records prove the generation.
    if _opening(images[index]) is None and scan(images[index], OPEN_BYTES, generation).records:
        return index, generation
    return newest


def _scan_pages(images: list[bytes], head: int, generation: int) -> list[_Page]:
    """Scan all pages, oldest first."""
    pages: list[_Page] = []
    count = len(images)
    for back in range(min(count, generation) - 1, -1, -1):
        index = (head - back) % count
        image, age = images[index], generation - back
        opening = _opening(image)
        if opening is not None and opening.number != age:
            continue  # an older lap: everything in it was settled before this lap came near
        pages.append(_Page(index, age, opening, scan(image, OPEN_BYTES, age)))
    return pages


class _Reading:
    """The state of the log while its records are read in order."""

    def __init__(self) -> None:
        self.point = Checkpoint(1, 0, 0, 0, 0, (), State())
        self.events: dict[int, tuple[int, Record]] = {}
        self.rejected: dict[int, str] = {}
        self.stamps: list[tuple[int, int]] = []

    def take(self, page: int, record: Record) -> bool:
        """Apply one record; False if its body makes no sense."""
        reader = getattr(self, f"_{Kind(record.kind).name.lower()}")
        return bool(reader(page, record))

    def _checkpoint(self, page: int, record: Record) -> bool:
        point = codec.read_checkpoint(record.body, record.number)
        if point is None:
            return False
        self.point = replace(
            point,
            next_sequence=max(point.next_sequence, self.point.next_sequence),
            floor=max(point.floor, self.point.floor),
            age_ms=max(point.age_ms, self.point.age_ms),
        )
        return True

    def _event(self, page: int, record: Record) -> bool:
        body = codec.read_event(record.body, record.number)
        if body is None:
            return False
        self.events[record.number] = (page, record)
        point = self.point
        self.point = replace(
            point,
            next_sequence=max(point.next_sequence, record.number + 1),
            age_ms=max(point.age_ms, body.entry.age_ms),
            floor=max(point.floor, body.floor),
            overflow_count=max(point.overflow_count, body.overflow_count),
            state=body.state or point.state,
        )
        if body.quarantine_reason is not None:
            self.rejected[record.number] = body.quarantine_reason
        return True

    def _release(self, page: int, record: Record) -> bool:
        rejected = codec.read_release(record.body, record.number)
        if rejected is None:
            return False
        fresh = {n: why for n, why in rejected.items() if n > self.point.floor}
        self.rejected.update(rejected)
        self.point = replace(
            self.point,
            floor=max(self.point.floor, record.number),
            next_sequence=max(self.point.next_sequence, record.number + 1),
            quarantine_count=self.point.quarantine_count + len(fresh),
        )
        return True

    def _stamp(self, page: int, record: Record) -> bool:
        offset_ms = codec.read_stamp(record.body, record.number)
        if offset_ms is not None:
            self.stamps.append((record.number, offset_ms))
        return offset_ms is not None

    def _age(self, page: int, record: Record) -> bool:
        self.point = replace(self.point, age_ms=max(self.point.age_ms, record.number))
        return True

    def _state(self, page: int, record: Record) -> bool:
        state = codec.read_state(record.body, record.number)
        if state is not None:
            self.point = replace(self.point, state=state)
        return state is not None


def _interpret(pages: list[_Page], geometry: Geometry) -> Log:
    reading = _Reading()
    last: tuple[int, Record] | None = None
    for page in pages:
        for record in ([page.opening] if page.opening else []) + page.scan.records:
            if reading.take(page.place, record):
                last = (page.place, record)
    head = pages[-1]
    point = reading.point
    torn = bool(head.scan.damaged) and head.scan.damaged[-1][1] == head.scan.end
    unfinished = (point.next_sequence,) if torn else ()
    lost = _missing(reading, point)
    skipped = [*point.skipped, *lost, *((n, n) for n in unfinished)]
    point = replace(
        point,
        next_sequence=point.next_sequence + len(unfinished) * SEQUENCE_RESERVE,
        skipped=_joined(skipped),
    )
    return Log(
        head.place,
        head.generation,
        _resume(head, geometry),
        point,
        tuple(_alive(reading)),
        _uncertain(last, head),
        lost,
        unfinished,
    )


def _resume(head: _Page, geometry: Geometry) -> int:
    end = head.scan.end + -head.scan.end % WORD_BYTES
    return min(end + TEAR_GAP_BYTES, geometry.page_bytes)


def _uncertain(last: tuple[int, Record] | None, head: _Page) -> tuple[tuple[Kind, int, bytes], ...]:
    if last is None or last[0] != head.place or last[1].kind == Kind.CHECKPOINT:
        return ()
    record = last[1]
    return ((Kind(record.kind), record.number, record.body),)


def _missing(reading: _Reading, point: Checkpoint) -> Ranges:
    """Return the numbers that should be in flash and are not, as ranges."""
    known = sorted(
        [(n, n) for n in reading.events if n > point.floor]
        + [pair for pair in point.skipped if pair[1] > point.floor]
    )
    missing: list[tuple[int, int]] = []
    expected = point.floor + 1
    for first, final in known:
        if first > expected:
            missing.append((expected, first - 1))
        expected = max(expected, final + 1)
    if expected < point.next_sequence:
        missing.append((expected, point.next_sequence - 1))
    return tuple(missing)


def _joined(ranges: list[tuple[int, int]]) -> Ranges:
    """Sort ranges and join neighbours; of too many, the newest are kept."""
    joined: list[tuple[int, int]] = []
    for first, final in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(final, joined[-1][1]))
        else:
            joined.append((first, final))
    return tuple(joined[-_RANGES_MAX:])


def _alive(reading: _Reading) -> list[Found]:
    """Return the events that wait and those in quarantine, by number, with their stamps."""
    floor = reading.point.floor
    found: list[Found] = []
    for number in sorted(reading.events):
        if number <= floor and number not in reading.rejected:
            continue
        page, record = reading.events[number]
        body = codec.read_event(record.body, number)
        assert body is not None
        reason = reading.rejected.get(number) if number <= floor else None
        _stamped(body, reading.stamps)
        found.append(
            Found(page, record.end - record.offset, replace(body, quarantine_reason=reason))
        )
    return found


def _stamped(body: EventBody, stamps: list[tuple[int, int]]) -> None:
    entry = body.entry
    for number, offset_ms in stamps:
        if entry.unix_ms is None and entry.sequence_number <= number:
            entry.unix_ms = entry.age_ms + offset_ms
