from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.errors import InputError
from sim.sources.open import read_track

pytest.importorskip("fitdecode", reason="FIT tracks need the extra [tracks]")
from sim.sources.fit import CUT_OFF, read_fit

FIT_EPOCH_S = 631_065_600  # 1989-12-31T00:00Z
T0_S = 1_714_557_600
NOWHERE = 0x7FFFFFFF


def crc(content: bytes) -> int:
    """The CRC of the FIT protocol: CRC-16 with the reflected polynomial 0xA001."""
    value = 0
    for octet in content:
        value ^= octet
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value


def fit(*records: tuple[int, int, int]) -> bytes:
    """A file of `record` messages: seconds, latitude and longitude in semicircles."""
    fields = bytes([253, 4, 0x86, 0, 4, 0x85, 1, 4, 0x85])
    body = b"\x40\0\0" + struct.pack("<H", 20) + b"\x03" + fields
    body += b"".join(b"\0" + struct.pack("<Iii", s - FIT_EPOCH_S, y, x) for s, y, x in records)
    head = struct.pack("<BBHI4s", 14, 0x20, 2100, len(body), b".FIT")
    head += struct.pack("<H", crc(head))
    return head + body + struct.pack("<H", crc(head + body))


WALK = fit((T0_S, 2**29, 2**30), (T0_S + 1, NOWHERE, NOWHERE), (T0_S + 2, -(2**29), -(2**30)))


def test_records_become_points(tmp_path):
    (tmp_path / "walk.fit").write_bytes(WALK)
    track = read_track(tmp_path / "walk.fit")
    assert track.start_utc_ms == T0_S * 1000
    places = [point.fix and (point.fix.lat, point.fix.lon) for point in track.points]
    assert places == [(45.0, 90.0), None, (-45.0, -90.0)]


def test_a_file_that_is_cut_off_gives_what_is_whole_and_counts_the_rest():
    track = read_fit(WALK[:-9], "walk.fit")
    assert len(track.points) == 2
    assert dict(track.skipped.counts) == {CUT_OFF: 1}


def test_an_activity_without_a_position_is_refused():
    with pytest.raises(InputError, match=r"walk.fit: no position with a time .*; give an activity"):
        read_fit(fit((T0_S, NOWHERE, NOWHERE)), "walk.fit")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WALK) - 1), st.integers(0, 255)), max_size=8))
def test_a_damaged_file_gives_a_track_or_an_input_error(changes):
    content = bytearray(WALK)
    for at, octet in changes:
        content[at] = octet
    with suppress(InputError):
        assert read_fit(bytes(content), "walk.fit").points
