from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from notecard.cobs import cobs_decode as theirs_back
from notecard.cobs import cobs_encode as theirs

from sim.notecard.codec.cobs import cobs_decode, cobs_encode
from tests.strategies import unhurried

EDGES = st.integers(0, 1020).map(lambda n: b"\x0a" * n)
PAYLOADS = st.one_of(st.binary(max_size=1200), EDGES, st.lists(EDGES, max_size=3).map(b"\0".join))


@unhurried
@given(PAYLOADS)
@example(b"")
@example(b"x" * 254)
@example(b"x" * 254 + b"\0")
def test_the_same_bytes_as_note_python_without_lf(data):
    encoded = cobs_encode(data)
    assert encoded == theirs(bytearray(data), 0x0A)
    assert b"\n" not in encoded
    assert len(encoded) <= len(data) + len(data) // 254 + 1
    assert cobs_decode(encoded) == data
    assert theirs_back(encoded, 0x0A) == data


@unhurried
@given(st.binary(max_size=300))
def test_any_bytes_decode_or_are_refused(noise):
    plain = cobs_decode(noise)
    assert plain is None or len(plain) <= len(noise)


@pytest.mark.parametrize("cut", [b"\x0f", b"\x0a", b"\x0eab"])
def test_a_block_cut_short_is_refused(cut):
    assert cobs_decode(cut) is None
