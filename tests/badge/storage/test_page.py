from __future__ import annotations

from badge.entry import Entry
from badge.storage import codec
from badge.storage.codec import Checkpoint, EventBody, ReleaseBody
from badge.storage.geometry import OPEN_BYTES
from badge.storage.page import Reading, read_opening, read_page
from badge.storage.record import RecordKind, encode, size_of
from badge.storage.store import State

PAGE = 1536
GENERATION = 7
START = GENERATION * PAGE


def point(following: int = 1, floor: int = 0, **more) -> Checkpoint:
    state = State(worker_id=more.get("worker"))
    return Checkpoint(following, floor, 0, 0, 0, (), state)


def event(number: int, unix_ms: int | None = 5) -> tuple[int, int, bytes]:
    entry = Entry(number, "gps", {}, "0.3.1", number * 10, unix_ms)
    return RecordKind.EVENT, number, codec.pack_event(EventBody(entry))


def page(*records: tuple[int, int, bytes], opening: Checkpoint | None = None) -> bytes:
    image = b""
    if opening is not None:
        image = encode(RecordKind.CHECKPOINT, GENERATION, codec.pack_checkpoint(opening), START)
    image = image.ljust(OPEN_BYTES, b"\xff")
    for kind, number, body in records:
        image += encode(kind, number, body, START + len(image))
    return image.ljust(PAGE, b"\xff")


def boot(void_from: int, *carried: tuple[int, int, bytes], following: int = 9):
    return RecordKind.BOOT, void_from, codec.pack_boot(point(following), carried)


def test_an_opening_states_its_generation():
    assert read_opening(page(opening=point())) == GENERATION
    assert read_opening(page(event(1))) == 0
    assert read_opening(b"\xff" * PAGE) == 0


def test_an_opening_alone_proves_nothing():
    assert not read_page(page(opening=point()), GENERATION).proven
    assert read_page(page(event(1), opening=point()), GENERATION).proven
    assert read_page(page(event(1)), GENERATION).proven


def test_records_are_summed_up_in_their_order():
    release = codec.pack_release(ReleaseBody(4, 1, {2: "no"}))
    total = read_page(
        page(event(1), event(2), event(3), (RecordKind.RELEASE, 2, release), opening=point()),
        GENERATION,
    ).total
    assert (total.next_sequence, total.floor, total.quarantine_count) == (4, 2, 1)
    assert total.rejected == {2: "no"}
    assert sorted(total.events) == [1, 2, 3]
    assert total.age_ms == 30


def test_a_boot_voids_from_its_number_on_and_counts_what_it_carries():
    first = START + OPEN_BYTES
    size = len(encode(*event(1), 0))
    image = page(event(1), event(2), boot(first + size, event(5), following=6), event(6))
    found = read_page(image, GENERATION)
    assert [line.number for line in found.kept] == [1, first + size, 6]
    assert sorted(found.total.events) == [1, 5, 6]
    assert found.void_from == first + size


def test_a_boot_that_another_voids_voids_nothing():
    first = START + OPEN_BYTES
    size = len(encode(*event(1), 0))
    image = page(event(1), boot(first), boot(first + size, event(3)))
    assert [line.number for line in read_page(image, GENERATION).kept] == [1, first + size]


def test_whole_pages_sum_up_as_their_records_do():
    pages = [
        page(event(1), event(2), opening=point(1)),
        page(event(3), boot(0, event(3), following=4), opening=point(3, floor=1)),
        page((RecordKind.AGE, 99, codec.pack_values(5)), event(2), opening=point(4, worker="W-1")),
    ]
    at_once, one_by_one = Reading(), Reading()
    for image in pages:
        found = read_page(image, GENERATION)
        assert found.whole
        at_once.take_page(found.total)
        for line in found.kept:
            one_by_one.take(GENERATION, line)
    for name in Reading.__slots__:
        assert getattr(at_once, name) == getattr(one_by_one, name), name


def test_a_stamp_is_for_the_events_that_waited_then():
    release = codec.pack_release(ReleaseBody(3, 1, {1: "no"}))
    stamp = codec.pack_values(3, 1000)
    total = read_page(
        page((RecordKind.RELEASE, 1, release), (RecordKind.STAMP, 2, stamp)), GENERATION
    ).total
    assert total.stamps == [(1, 2, 1000)]


STAMP = (RecordKind.STAMP, 2, codec.pack_values(3, 1000))


def test_a_stamp_is_for_what_was_logged_before_it_and_not_for_what_is_read_after():
    total = read_page(page(event(2, None), STAMP, event(1, None)), GENERATION).total
    assert total.stamped == {2: 1000}
    again = (RecordKind.STAMP, 2, codec.pack_values(3, 2000))
    assert read_page(page(event(2, None), STAMP, again), GENERATION).total.stamped == {2: 1000}


def test_a_later_copy_tells_whether_it_was_stamped():
    """As where the floor before the stamp has rotted: the copy was made of RAM."""
    assert read_page(page(event(2, None), STAMP, event(2, None)), GENERATION).total.stamped == {}
    older, later = Reading(), Reading()
    older.take_page(read_page(page(event(1, None), event(2, None), STAMP), GENERATION).total)
    assert older.stamped == {1: 1000, 2: 1000}
    later.take_page(read_page(page(event(2, None), opening=point(3)), GENERATION).total)
    older.take_page(later)
    assert older.stamped == {1: 1000}


def test_a_stamp_of_a_later_page_is_for_what_waited_in_the_older_ones():
    older = read_page(page(event(1, None), event(2, None), opening=point(1)), GENERATION).total
    older.take_page(read_page(page(STAMP, opening=point(3, floor=1)), GENERATION).total)
    assert older.stamped == {2: 1000}


def test_a_torn_end_is_told_from_a_torn_middle():
    whole = page(event(1), event(2), opening=point())
    end = len(whole.rstrip(b"\xff"))
    assert not read_page(whole, GENERATION).torn
    assert read_page(whole[: end - 6].ljust(PAGE, b"\xff"), GENERATION).torn
    middle = bytearray(whole)
    middle[OPEN_BYTES + 4 : OPEN_BYTES + 12] = b"\0" * 8
    assert not read_page(bytes(middle), GENERATION).torn


def test_an_opening_is_a_line_like_any_other():
    body = codec.pack_checkpoint(point(5))
    (line,) = read_page(page(opening=point(5)), GENERATION).lines
    assert line == (RecordKind.CHECKPOINT, GENERATION, point(5), body, 0, size_of(body))


def opened(kind: int, number: int, body: bytes) -> bytes:
    return encode(kind, number, body, START).ljust(PAGE, b"\xff")


def of_bytes(size: int) -> bytes:
    """A checkpoint's body whose record takes so many bytes."""
    for length in range(size):
        body = codec.pack_checkpoint(point(5, worker="x" * length))
        if size_of(body) == size:
            return body
    raise AssertionError(size)


def test_an_opening_may_fill_its_place_and_no_more():
    for size, found in ((OPEN_BYTES, GENERATION), (OPEN_BYTES + 4, 0)):
        image = opened(RecordKind.CHECKPOINT, GENERATION, of_bytes(size))
        assert read_opening(image) == found
        assert len(read_page(image, GENERATION).lines) == (found > 0)


def test_what_is_no_opening_opens_nothing():
    body = codec.pack_checkpoint(point(5))
    others = (
        opened(*event(1)),
        opened(RecordKind.CHECKPOINT, GENERATION + 1, body),
        opened(RecordKind.CHECKPOINT, GENERATION, b"\x01"),
    )
    for image in others:
        assert read_page(image, GENERATION).lines == ()
        assert read_opening(image) == 0


def test_a_checkpoint_elsewhere_and_a_body_that_is_none_are_no_lines():
    stray = (RecordKind.CHECKPOINT, GENERATION, codec.pack_checkpoint(point(8)))
    found = read_page(page(event(1), stray, (RecordKind.EVENT, 2, b"\x01")), GENERATION)
    assert [(line.kind, line.number) for line in found.lines] == [(RecordKind.EVENT, 1)]


def test_stamps_of_an_older_page_stay():
    older, later = Reading(), Reading()
    older.stamps, later.stamps = [(0, 1, 5)], [(1, 2, 6)]
    older.take_page(later)
    assert older.stamps == [(0, 1, 5), (1, 2, 6)]


def refused_event(number: int) -> tuple[int, int, bytes]:
    entry = Entry(number, "gps", {}, "0.3.1", 7, 5)
    return RecordKind.EVENT, number, codec.pack_event(EventBody(entry, quarantine_reason="why"))


def test_a_boot_takes_what_the_records_hold_that_it_carries():
    release = codec.pack_release(ReleaseBody(7, 1, {6: "no"}))
    carried = (
        refused_event(5),
        event(8),
        (RecordKind.RELEASE, 6, release),
        (RecordKind.STAMP, 2, codec.pack_values(3, 1000)),
        (RecordKind.AGE, 99, codec.pack_values(5)),
        *((kind, 3, b"\x01") for kind in (RecordKind.EVENT, RecordKind.RELEASE, RecordKind.STAMP)),
    )
    total = read_page(page(boot(0, *carried)), GENERATION).total
    assert sorted(total.events) == [5, 8]
    assert total.rejected == {5: "why", 6: "no"}
    assert total.stamps == [(0, 2, 1000)]


def test_a_refused_event_says_why():
    assert read_page(page(refused_event(3), event(4)), GENERATION).total.rejected == {3: "why"}
