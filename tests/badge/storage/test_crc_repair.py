"""One flipped bit is named; two are never taken for one."""

from __future__ import annotations

from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.storage.crc_repair import flipped_bit

WORDS = st.binary(min_size=1, max_size=300)
START = st.integers(0, 2**32 - 1)


def difference(octets: bytes, stored: int, start: int) -> int:
    return crc32(octets, start) ^ stored


@given(WORDS, START, st.data())
def test_a_flipped_bit_is_named(octets, start, data):
    bit = data.draw(st.integers(0, len(octets) * 8 + 31))
    whole = bytearray(octets + crc32(octets, start).to_bytes(4, "little"))
    whole[bit // 8] ^= 1 << bit % 8
    stored = int.from_bytes(whole[-4:], "little")
    assert flipped_bit(difference(bytes(whole[:-4]), stored, start), len(octets)) == bit


@given(WORDS, START, st.data())
def test_two_flipped_bits_are_not_one(octets, start, data):
    first, second = data.draw(
        st.lists(st.integers(0, len(octets) * 8 - 1), min_size=2, max_size=2, unique=True)
    )
    damaged = bytearray(octets)
    for bit in (first, second):
        damaged[bit // 8] ^= 1 << bit % 8
    assert flipped_bit(difference(bytes(damaged), crc32(octets, start), start), len(octets)) is None


def test_a_page_of_4096_bytes_is_within_reach():
    octets = bytes(4096)
    assert flipped_bit(crc32(b"\x80" + octets[1:]) ^ crc32(octets), 4096) == 7


@pytest.mark.parametrize("length", [1, 5, 6, 7])
def test_a_flip_in_front_of_the_bytes_is_none_of_theirs(length):
    longer = bytes(length + 1)
    difference = crc32(longer) ^ crc32(b"\x01" + longer[1:])
    assert flipped_bit(difference, length + 1) == 0
    assert flipped_bit(difference, length) is None
