from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from badge.storage.record import Record, RecordKind, decode, encode, scan, size_of

PAGE = 1536
START = 512
kinds = st.sampled_from([int(kind) for kind in RecordKind])
numbers = st.integers(0, 2**64 - 1)
bodies = st.binary(max_size=60)
generations = st.integers(1, 2**40)


def page_with(records: list[tuple[int, int, bytes]], generation: int) -> bytes:
    page = b"\xff" * START
    for kind, number, body in records:
        page += encode(kind, number, body, generation * PAGE + len(page))
    return page.ljust(PAGE, b"\xff")


records_of_a_page = st.lists(st.tuples(kinds, numbers, bodies), max_size=8)


def found(page: bytes, generation: int) -> list[tuple[int, int, bytes]]:
    return [(r.kind, r.number, r.body) for r in scan(page, START, generation).records]


@given(kinds, numbers, bodies, generations)
def test_a_record_is_read_as_it_was_written(kind, number, body, generation):
    words = encode(kind, number, body, generation * PAGE + 40)
    page = (b"\xff" * 40 + words).ljust(PAGE, b"\xff")
    assert len(words) == size_of(body)
    assert len(words) % 4 == 0
    assert decode(page, 40, generation) == Record(kind, number, body, 40, 40 + len(words))


@given(kinds, numbers, bodies, generations, generations)
def test_a_record_counts_in_its_own_generation_only(kind, number, body, generation, other):
    page = page_with([(kind, number, body)], generation)
    same = generation * PAGE % 2**32 == other * PAGE % 2**32
    assert (decode(page, START, other) is not None) == same


def test_a_record_that_went_astray_in_its_page_does_not_count():
    words = encode(RecordKind.AGE, 7, b"", 3 * PAGE + START)
    astray = (b"\xff" * (START + 64) + words).ljust(PAGE, b"\xff")
    assert decode(astray, START + 64, 3) is None


@given(records_of_a_page, generations)
def test_a_scan_finds_every_record_in_order(records, generation):
    page = page_with(records, generation)
    assert found(page, generation) == records
    assert scan(page, START, generation).damaged == []


@given(records_of_a_page.filter(bool), generations, st.data())
def test_one_flipped_bit_anywhere_in_the_records_is_put_right(records, generation, data):
    page = bytearray(page_with(records, generation))
    end = START + sum(size_of(body) for _, _, body in records)
    bit = data.draw(st.integers(START * 8, end * 8 - 1))
    page[bit // 8] ^= 1 << bit % 8
    assert found(bytes(page), generation) == records


@given(records_of_a_page.filter(bool), generations, st.data())
def test_two_flipped_bits_cost_one_record_and_invent_none(records, generation, data):
    page = bytearray(page_with(records, generation))
    which = data.draw(st.integers(0, len(records) - 1))
    at = START + sum(size_of(body) for _, _, body in records[:which])
    last = (at + size_of(records[which][2])) * 8 - 1
    bits = st.integers(at * 8, last)
    for bit in data.draw(st.lists(bits, min_size=2, max_size=2, unique=True)):
        page[bit // 8] ^= 1 << bit % 8
    assert found(bytes(page), generation) == [*records[:which], *records[which + 1 :]]


@given(st.binary(min_size=PAGE, max_size=PAGE), generations)
def test_garbage_is_survived(page, generation):
    result = scan(page, START, generation)
    assert START <= result.end <= PAGE
    for record in result.records:
        assert START <= record.offset < record.end <= PAGE


def test_a_gap_between_records_is_no_damage():
    generation = 5
    page = bytearray(page_with([(RecordKind.AGE, 1, b"")], generation))
    at = START + size_of(b"") + 16
    words = encode(RecordKind.AGE, 2, b"", generation * PAGE + at)
    page[at : at + len(words)] = words
    result = scan(bytes(page), START, generation)
    assert [record.number for record in result.records] == [1, 2]
    assert result.damaged == []


def test_what_follows_damage_is_found_and_the_damage_is_named():
    records = [(RecordKind.AGE, number, b"x" * 9) for number in range(3)]
    page = bytearray(page_with(records, 9))
    size = size_of(b"x" * 9)
    page[START + size : START + size + 8] = b"\0" * 8
    result = scan(bytes(page), START, 9)
    assert [record.number for record in result.records] == [0, 2]
    assert result.damaged == [(START + size, START + 2 * size)]


def test_a_kind_of_the_future_is_not_taken():
    page = page_with([(200, 1, b"")], 4)
    assert found(page, 4) == []


def test_a_record_may_end_with_its_page_and_nothing_is_read_beyond():
    for body in (b"", b"12345678"):
        size = size_of(body)
        page = b"\xff" * (256 - size) + encode(RecordKind.AGE, 7, body, 256 - size)
        found = decode(page, 256 - size, 0)
        assert (found.number, found.body, found.end) == (7, body, 256)
        assert [decode(page, 256 - left, 0) for left in range(size - 4, -4, -4)] == [
            None for _ in range(size // 4)
        ]


def test_damage_of_any_letter_is_damage():
    page = (b"\xff" * START + b"XXXX").ljust(PAGE, b"\xff")
    assert scan(page, START, 1).damaged == [(START, START + 4)]


def test_the_last_record_is_repaired_even_if_its_own_last_byte_is_blank():
    number = next(
        n
        for n in range(10_000)
        if page_with([(2, n, b"abc")], 1).rstrip(b"\xff")[-1:]
        and len(page_with([(2, n, b"abc")], 1).rstrip(b"\xff")) % 4 == 3
    )
    page = bytearray(page_with([(2, number, b"abc")], 1))
    page[START + 5] ^= 1
    assert found(bytes(page), 1) == [(2, number, b"abc")]


def test_one_of_an_unknown_kind_is_damage_with_a_flipped_bit_too():
    page = bytearray(page_with([(99, 1, b"abcd")], 1))
    page[START + 5] ^= 1
    scanned = scan(bytes(page), START, 1)
    assert (scanned.records, len(scanned.damaged)) == ([], 1)
