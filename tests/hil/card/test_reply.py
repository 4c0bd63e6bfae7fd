"""Lines from a card: whatever arrives, one of three things comes of it."""

from __future__ import annotations

import json
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.card.reply import CardAnswer, DamagedLineError, read_line

MEMBERS = st.dictionaries(
    st.text(min_size=1, max_size=8).filter(lambda name: name != "crc"),
    st.one_of(
        st.integers(),
        st.text(max_size=20),
        st.booleans(),
        st.dictionaries(st.sampled_from(["crc", "a"]), st.text(max_size=9), max_size=2),
    ),
    max_size=5,
)


def signed(members, sequence=7, *, upper=True):
    text = json.dumps(members, separators=(",", ":"))
    if not members:
        text = "{ }" if upper else "{}"
    digest = f"{crc32(b'{}' if not members else text.encode()):08X}"
    digest = digest if upper else digest.lower()
    tail = f'"crc":"{sequence:04X}:{digest}"}}'
    separator = "" if not members else ","
    return (text[:-1] + separator + tail + "\r\n").encode()


@given(MEMBERS, st.booleans(), st.binary(max_size=8).filter(lambda b: b"{" not in b))
def test_a_sound_line_is_read_whatever_it_holds(members, upper, noise):
    line = read_line(noise + signed(members, upper=upper))
    assert (line.members, line.sequence) == (members, 7)


@given(MEMBERS.filter(bool), st.data())
def test_any_changed_byte_is_damage_or_leaves_the_line_unsigned(members, data):
    raw = bytearray(signed(members))
    at = data.draw(st.integers(1, len(raw) - 4))
    raw[at] ^= data.draw(st.sampled_from([1, 2, 4, 8, 16]))
    try:
        line = read_line(bytes(raw))
    except DamagedLineError:
        return
    assert line is None or line.sequence != 7 or line.members == members


@given(st.binary(max_size=60))
def test_nothing_else_is_raised_for_any_bytes(raw):
    try:
        line = read_line(raw)
    except DamagedLineError:
        return
    assert line is None or isinstance(line.members, dict)


def test_empty_lines_heartbeats_and_old_firmware():
    assert read_line(b"\r\n") is None
    assert read_line(b'{"err":"busy {heartbeat}"}\r\n').heartbeat
    assert read_line(b'{"total":1}\r\n').sequence is None
    with pytest.raises(DamagedLineError, match="not JSON"):
        read_line(b'{"total":\r\n')
    with pytest.raises(DamagedLineError, match="no JSON object"):
        read_line(b"[1]\r\n")


@pytest.mark.parametrize(
    "line",
    [
        b'{"a":"\\ud800"}',
        b'{"a":NaN}',
        b'{"a":1e999}',
        b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b"[1]",
        b"\xff{\xff}",
    ],
)
def test_what_no_program_can_pass_on_is_damage(line):
    with pytest.raises(DamagedLineError):
        read_line(line)


def test_members_of_another_kind_are_none():
    answer = CardAnswer({"n": True, "text": 5, "whole": 1.5, "number": "1", "ok": 3})
    assert (answer.whole("n"), answer.number("n"), answer.text("text")) == (None, None, "")
    assert (answer.whole("whole"), answer.number("whole"), answer.number("number")) == (
        None,
        1.5,
        None,
    )
    assert (answer.whole("ok"), answer.number("ok"), answer.number("none")) == (3, 3.0, None)
