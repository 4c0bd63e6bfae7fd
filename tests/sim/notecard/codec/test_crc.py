from __future__ import annotations

import json
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notecard.notecard import Notecard

from sim.notecard.codec.crc import append_crc, read_tail
from tests.strategies import unhurried

OBJECTS = st.dictionaries(
    st.text(min_size=1, max_size=8).filter(lambda name: name not in ("crc", "req", "cmd")),
    st.one_of(st.integers(), st.text(max_size=20), st.booleans(), st.floats(allow_nan=False)),
    max_size=4,
)
SEQUENCES = st.integers(0, 0x1FFFF)


def compact(members) -> bytes:
    return json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


@unhurried
@given(OBJECTS, SEQUENCES)
def test_a_request_as_note_python_signs_it_is_good(members, sequence):
    text = json.dumps(members, separators=(",", ":"))
    tail = read_tail(Notecard()._crc_add(text, sequence).encode())
    assert tail is not None
    assert tail.good
    assert tail.sequence == sequence


@unhurried
@given(OBJECTS.filter(bool), SEQUENCES)
def test_a_reply_satisfies_note_python(members, sequence):
    reply = append_crc(json.dumps(members, separators=(",", ":")).encode(), sequence)
    host = Notecard()
    host._last_request_seq_number = sequence
    assert host._crc_error(reply + b"\r\n") is False
    assert json.loads(reply)["crc"].isupper() or not any(map(str.isalpha, json.loads(reply)["crc"]))


@unhurried
@given(OBJECTS, SEQUENCES, st.data())
def test_a_changed_byte_is_never_good(members, sequence, data):
    signed = Notecard()._crc_add(json.dumps(members, separators=(",", ":")), sequence).encode()
    covered = signed.rfind(b'"crc":"') - 1
    at = data.draw(st.integers(0, max(0, covered - 1)))
    broken = signed[:at] + bytes([signed[at] ^ 0x01]) + signed[at + 1 :]
    tail = read_tail(broken)
    assert tail is None or not tail.good


def test_note_c_writes_a_blank_before_the_crc_of_an_empty_object():
    assert read_tail(b'{ "crc":"0000:%08X"}' % crc32(b"{}")).good
    assert append_crc(b"{}", 0) == b'{ "crc":"0000:A3A6BF43"}'


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b'{"req":"a"}',
        b'{"cmd":"note.add","body":{"crc":"0001:00000000"}}',  # a body of its own
        b'{"req":"a","crc":"nonsense"}',
        b'{"req":"a","crc":"1:2","b":1}',
    ],
)
def test_what_is_no_tail(line):
    assert read_tail(line) is None


def test_a_body_with_a_crc_of_its_own_does_not_hide_the_real_one():
    text = '{"req":"echo","body":{"crc":"1:2"}}'
    assert read_tail(Notecard()._crc_add(text, 3).encode()).good


@unhurried
@given(st.binary(max_size=80))
def test_any_bytes_are_looked_at(line):
    read_tail(line + b'"crc":"')
