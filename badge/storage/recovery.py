"""Reading a journal after a cut: which page is the head, what is alive, what is lost.

Three rules make the answer hold even if torn cells read differently each time:

* the generation of a page follows from its place in the ring, and a page counts as opened once a
  good record behind its opening proves it: until then all that the opening says is in the log;
* a page after the head that is neither blank nor an older lap's may be half erased or half
  opened: the head is given up, and that page erased and opened;
* each boot writes one BOOT record.  It carries the last good record before it, whose last word
  may be weak, and voids everything from that record on: what was torn once stays torn.

Nothing here writes.  Every page is read once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from badge.entry import Entry
from badge.ports import FlashReader
from badge.storage.codec import (
    Carried,
    Checkpoint,
    Ranges,
    pack_boot,
    pack_checkpoint,
    read_body,
)
from badge.storage.geometry import OPEN_BYTES, Geometry
from badge.storage.page import (
    OpeningReader,
    Page,
    PageReader,
    Reading,
    RecordLine,
    not_void,
    read_opening,
    read_page,
)
from badge.storage.record import WORD_BYTES, RecordKind, decode, encode, scan
from badge.storage.store import State

# A cut-off write may have begun words that still read blank; a program unit of the chips we know is
# at most 16 bytes. Nothing is written there again.
TEAR_GAP_BYTES = 16
# One append is open at a time, so one number at most may have been used unseen: after a cut numbers
# may skip, never repeat (contract section 3).
_EVENT_BYTES_MIN = 32  # less than any event's record takes: a page holds no more numbers
_FIRST_BOOTS_CUT_MAX = 8  # in a row, on a new chip
SEQUENCE_RESERVE = 1  # numbers that one power loss may skip


class FoundEvent(NamedTuple):
    """An event that is alive: its page's generation, the bytes that it takes there, itself, and
    why it was refused if it is in quarantine.
    """

    generation: int
    size: int
    entry: Entry
    quarantine_reason: str | None


class Log(NamedTuple):
    """What a scan of the whole ring says.

    `resume` is the first offset in the head that no cut-off write can have touched.  From the
    log position `void_from` on nothing counts any more but what is `carried`.  The ring
    pages `garbage` hold something, and nothing readable: they may have used the numbers
    `unreadable`, which are skipped.
    """

    generation: int
    resume: int
    checkpoint: Checkpoint
    alive: tuple[FoundEvent, ...]
    void_from: int
    carried: Carried
    lost: Ranges
    unfinished: tuple[int, ...]
    unreadable: Ranges = ()
    garbage: tuple[int, ...] = ()


def read_log(
    flash: FlashReader,
    geometry: Geometry,
    page_reader: PageReader = read_page,
    opening_reader: OpeningReader = read_opening,
) -> Log:
    """Read every page of the ring once.  Of a blank ring the head is the last page, and full.

    The two readers are functions of a page's bytes alone, so that a caller may remember answers.
    """
    size, start = geometry.page_bytes, geometry.page_address(0)
    images = [flash.read(start + n * size, size) for n in range(geometry.ring_pages)]
    openings = [opening_reader(image) for image in images]
    head = _head_generation(images, openings, geometry, page_reader)
    following = _Next.of(images, openings, head, geometry)
    # Of a page whose erase was begun everything had been copied before.
    # The lap before begins right behind the head, or one page further on.
    oldest = max(1, head - geometry.ring_pages + (1 if following.clean else 2))
    pages: list[tuple[int, Page]] = []
    for generation in range(oldest, head + 1):
        place = geometry.page_of(generation)
        # An opening of another lap: all in it was settled before this lap came near.
        if openings[place] in (0, generation):
            pages.append((generation, page_reader(images[place], generation)))
    garbage = _garbage(images, openings, head, following, geometry)
    return _interpret(pages, head, following, garbage, geometry)


def _garbage(
    images: Sequence[bytes],
    openings: Sequence[int],
    head: int,
    following: _Next,
    geometry: Geometry,
) -> tuple[int, ...]:
    """Return the ring pages behind the head that are garbage, and that no cut can have left so.

    A cut leaves one at most, half erased or half opened.  What is newer than the head lies right
    behind it, so the first page that is blank, or readable, ends the search.
    """
    if following.clean:
        return ()
    found: list[int] = []
    for generation in range(head + 2, head + geometry.ring_pages):
        place = geometry.page_of(generation)
        image = images[place]
        if openings[place] or not image.strip(b"\xff"):
            break
        laps = (generation, generation - geometry.ring_pages)
        if any(scan(image, OPEN_BYTES, lap).records for lap in laps):
            break
        found.append(place)
    return tuple(found)


def is_begun(first: bytes, geometry: Geometry) -> bool:
    """Tell whether the ring's first page is blank, or holds a first boot that was cut off.

    Programming clears bits: what is there may lack some of the cleared ones, and has no others.
    A boot that was cut off skips a number, so that the next one writes other bytes.  A chip whose
    erase can be cut off may hold noise there, too; a file cannot.
    """
    for cuts in range(_FIRST_BOOTS_CUT_MAX):
        skipped = ((1, cuts),) if cuts else ()
        point = Checkpoint(1 + cuts, 0, 0, 0, 0, skipped, State())
        page = bytearray(b"\xff" * len(first))
        for offset, kind, number, body in (
            (0, RecordKind.CHECKPOINT, 1, pack_checkpoint(point)),
            (OPEN_BYTES, RecordKind.BOOT, 0, pack_boot(point, ())),
        ):
            record = encode(kind, number, body, geometry.page_bytes + offset)
            page[offset : offset + len(record)] = record
        whole = int.from_bytes(page, "little")
        if int.from_bytes(first, "little") & whole == whole:
            return True
    return False


def _head_generation(
    images: Sequence[bytes],
    openings: Sequence[int],
    geometry: Geometry,
    page_reader: PageReader,
) -> int:
    """Return the newest generation that a record behind an opening proves.

    If the newest opening has rotted, the record right behind it proves the generation alone.
    """
    page_of = geometry.page_of
    newest = 0
    for place, found in enumerate(openings):
        if found > newest and page_of(found) == place:
            newest = found
    # A record's CRC starts from its position: it is good in that generation only.
    if decode(images[page_of(newest + 1)], OPEN_BYTES, newest + 1) is not None:
        return newest + 1
    if newest and not page_reader(images[page_of(newest)], newest).proven:
        return newest - 1
    return newest


class _Next(NamedTuple):
    """The page after the head: safe to leave for later, and whether a record in it was torn."""

    clean: bool
    torn: bool

    @classmethod
    def of(
        cls, images: Sequence[bytes], openings: Sequence[int], head: int, geometry: Geometry
    ) -> _Next:
        place = geometry.page_of(head + 1)
        image, opening = images[place], openings[place]
        blank = not image.strip(b"\xff")
        clean = blank or (opening != 0 and opening == head + 1 - geometry.ring_pages)
        return cls(clean, opening == head + 1 and bool(image[OPEN_BYTES:].strip(b"\xff")))


def _interpret(
    pages: Sequence[tuple[int, Page]],
    head: int,
    following: _Next,
    garbage: tuple[int, ...],
    geometry: Geometry,
) -> Log:
    reading, doubtful = _read(pages, geometry.page_bytes)
    last = pages[-1][1] if pages and pages[-1][0] == head else None
    torn = following.torn or (last is not None and last.torn)
    lost = _missing(reading)
    # A torn tail may be an event whose number someone has seen, or none: its number is skipped.
    unfinished = (reading.next_sequence,) if torn else ()
    following_number = reading.next_sequence + len(unfinished) * SEQUENCE_RESERVE
    unreadable: Ranges = ()
    if garbage:
        # The page right behind the head is full of them, too.
        used_max = (1 + len(garbage)) * (geometry.room_bytes // _EVENT_BYTES_MIN)
        unreadable = ((following_number, following_number + used_max - 1),)
        following_number += used_max
    skipped = [*reading.skipped, *lost, *((n, n) for n in unfinished), *unreadable]
    point = Checkpoint(
        following_number,
        reading.floor,
        reading.age_ms,
        reading.overflow_count,
        reading.quarantine_count,
        _joined(skipped, reading.floor),
        reading.state,
    )
    resume = geometry.page_bytes
    # Otherwise the head is given up: the page behind it is erased and opened next.
    if last is not None and following.clean:
        words_end = last.end + -last.end % WORD_BYTES
        resume = min(words_end + TEAR_GAP_BYTES, geometry.page_bytes)
    alive = _alive(reading)
    return Log(head, resume, point, alive, *doubtful, lost, unfinished, unreadable, garbage)


def _read(pages: Sequence[tuple[int, Page]], page_bytes: int) -> tuple[Reading, _Doubtful]:
    """Read in order what no later BOOT record voids; say where certainty ends."""
    reading = Reading()
    last: tuple[int, RecordLine] | None = None
    for generation, page, void_from in _with_voids(pages):
        start = generation * page_bytes
        if void_from is None or start + page.end <= void_from:
            lines = page.kept
        else:
            before = [line for line in page.lines if start + line.offset < void_from]
            lines, _ = not_void(before, start)
        if page.whole and lines is page.kept:
            reading.take_page(page.total)
        else:
            for line in lines:
                reading.take(generation, line)
        if lines:
            last = start, lines[-1]
    return reading, _Doubtful(0, ()) if last is None else _Doubtful.of(*last, reading)


def _with_voids(
    pages: Sequence[tuple[int, Page]],
) -> list[tuple[int, Page, int | None]]:
    """Put beside each page from where on newer pages void it."""
    void_from: int | None = None
    found: list[tuple[int, Page, int | None]] = []
    for generation, page in reversed(pages):
        found.append((generation, page, void_from))
        # From the newest page back: what a later boot voids stays void, whatever it says itself.
        if page.void_from is not None and (void_from is None or page.void_from < void_from):
            void_from = page.void_from
    found.reverse()
    return found


class _Doubtful(NamedTuple):
    """From which log position on things are uncertain, and the good records from there on."""

    void_from: int
    carried: Carried

    @classmethod
    def of(cls, start: int, last: RecordLine, reading: Reading) -> _Doubtful:
        """Carry the last record, or what it carries itself, but for what any checkpoint holds."""
        if last.kind == RecordKind.BOOT:
            void_from, carried = last.number, last.value.carried
        else:
            void_from = start + last.offset
            carried = ((last.kind, last.number, last.body),)
        needed = (item for item in carried if _matters(item[0], item[1], item[2], reading))
        return cls(void_from, tuple(needed))


def _alive(reading: Reading) -> tuple[FoundEvent, ...]:
    """Return the events that wait and those in quarantine, by number, with their stamps."""
    floor, rejected = reading.floor, reading.rejected
    found: list[FoundEvent] = []
    for number in sorted(n for n in reading.events if n > floor or n in rejected):
        generation, size, body = reading.events[number]
        reason = rejected.get(number) if number <= floor else None
        entry = _stamped(body.entry, reading.stamped.get(number))
        found.append(FoundEvent(generation, size, entry, reason))
    return tuple(found)


def _stamped(entry: Entry, offset_ms: int | None) -> Entry:
    """Return a copy with the time of day that was written for it while it waited."""
    unix_ms = entry.unix_ms
    if unix_ms is None and offset_ms is not None:
        unix_ms = entry.age_ms + offset_ms
    return Entry(
        entry.sequence_number,
        entry.event_type,
        entry.payload,
        entry.firmware_version,
        entry.age_ms,
        unix_ms,
    )


def _missing(reading: Reading) -> Ranges:
    """Return the numbers that should be in flash and are not, as ranges."""
    floor = reading.floor
    known = [(number, number) for number in reading.events if number > floor]
    known += [pair for pair in reading.skipped if pair[1] > floor]
    known.sort()
    missing: list[tuple[int, int]] = []
    expected = floor + 1
    for first, final in known:
        if first > expected:
            missing.append((expected, first - 1))
        expected = max(expected, final + 1)
    if expected < reading.next_sequence:
        missing.append((expected, reading.next_sequence - 1))
    return tuple(missing)


def _matters(kind: int, number: int, body: bytes, reading: Reading) -> bool:
    """Say whether a record holds anything that a checkpoint does not."""
    if kind == RecordKind.EVENT:
        return number > reading.floor or number in reading.rejected
    if kind == RecordKind.RELEASE:
        release = read_body(kind, number, body)
        return bool(release and release.rejected)
    return kind == RecordKind.STAMP


def _joined(ranges: Sequence[tuple[int, int]], floor: int) -> Ranges:
    """Sort the ranges above the floor and join neighbours."""
    joined: list[tuple[int, int]] = []
    for first, final in sorted(pair for pair in ranges if pair[1] > floor):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(final, joined[-1][1]))
        else:
            joined.append((first, final))
    return tuple(joined)
