from __future__ import annotations

import contextlib
import itertools

import pytest
from dbus_fast import Message, Variant
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from sim.air.dbus.stream import LINE_MAX, MESSAGE_MAX, MessageStream, SaslServer, encode

FILTER = Message(
    "org.bluez",
    "/org/bluez/hci0",
    "org.bluez.Adapter1",
    "SetDiscoveryFilter",
    signature="a{sv}",
    body=[{"Transport": Variant("s", "le"), "RSSI": Variant("n", -127)}],
    serial=7,
)


def pieces(octets: bytes, cuts: list[int]) -> list[bytes]:
    edges = sorted({0, len(octets), *(cut % (len(octets) + 1) for cut in cuts)})
    return [octets[a:b] for a, b in itertools.pairwise(edges)]


@given(st.integers(1, 4), st.lists(st.integers(0, 2000), max_size=12))
def test_messages_survive_any_cut_of_the_stream(count, cuts):
    stream = MessageStream()
    found = [m for piece in pieces(encode(FILTER) * count, cuts) for m in stream.feed(piece)]
    assert [m.body for m in found] == [FILTER.body] * count


@given(st.binary(max_size=300))
def test_foreign_octets_are_an_input_error_or_wait_for_more(octets):
    with contextlib.suppress(InputError):
        MessageStream().feed(octets)


@given(st.data())
def test_a_damaged_message_is_an_input_error_or_another_message(data):
    octets = bytearray(encode(FILTER))
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(InputError):
        MessageStream().feed(bytes(octets))


def test_a_message_that_claims_to_be_huge_is_refused_before_it_arrives():
    head = b"l\1\0\1" + (MESSAGE_MAX + 1).to_bytes(4, "little") + b"\1\0\0\0" + b"\0\0\0\0"
    with pytest.raises(InputError, match="allowed"):
        MessageStream().feed(head)


def login(peer_uid: int, own_uid: int, *lines: bytes) -> tuple[bytes, SaslServer]:
    sasl = SaslServer(peer_uid, own_uid, "g")
    return sasl.feed(b"\0" + b"".join(line + b"\r\n" for line in lines)), sasl


ME = b"31303030"  # "1000" in hexadecimal


def test_the_login_of_bleak_and_that_of_libdbus():
    answer, sasl = login(1000, 1000, b"AUTH EXTERNAL " + ME, b"BEGIN")
    assert (answer, sasl.begun) == (b"OK g\r\n", True)
    answer, sasl = login(1000, 1000, b"AUTH EXTERNAL " + ME, b"NEGOTIATE_UNIX_FD", b"BEGIN")
    assert (answer, sasl.begun) == (b"OK g\r\nAGREE_UNIX_FD\r\n", True)


def test_the_login_of_systemd():
    answer, sasl = login(1000, 1000, b"AUTH EXTERNAL", b"DATA", b"BEGIN")
    assert (answer, sasl.begun) == (b"DATA\r\nOK g\r\n", True)


def test_what_follows_begin_is_left_for_the_messages():
    sasl = SaslServer(1, 1, "g")
    sasl.feed(b"\0AUTH EXTERNAL 31\r\nBEGIN\r\nl\1\0\1")
    assert sasl.rest == b"l\1\0\1"


@pytest.mark.parametrize(
    ("peer_uid", "claim"), [(1001, b"31303031"), (1000, b"30"), (1000, b"zz"), (1001, ME)]
)
def test_another_user_or_a_false_claim_is_rejected(peer_uid, claim):
    answer, _ = login(peer_uid, 1000, b"AUTH EXTERNAL " + claim)
    assert answer == b"REJECTED EXTERNAL\r\n"


def test_other_mechanisms_are_rejected_with_the_one_that_works():
    answer, _ = login(1, 1, b"AUTH", b"AUTH ANONYMOUS", b"CANCEL")
    assert answer == b"REJECTED EXTERNAL\r\n" * 3


@pytest.mark.parametrize("octets", [b"AUTH", b"\0BEGIN\r\n", b"\0" + b"x" * (LINE_MAX + 1)])
def test_a_login_that_is_none_ends_the_conversation(octets):
    with pytest.raises(InputError, match="login"):
        SaslServer(1, 1, "g").feed(octets)


def test_empty_lines_before_the_login_cost_what_they_are_long():
    sasl, copied = SaslServer(1, 1, "g"), 0
    sasl.feed(b"\0")

    class Counted(bytearray):
        def __getitem__(self, key):
            nonlocal copied
            found = super().__getitem__(key)
            copied += len(found) if isinstance(key, slice) else 1
            return found

        def find(self, *arguments):
            return super().find(*arguments)

    sasl._pending = Counted()
    assert sasl.feed(b"\r\n" * 200_000) == b"ERROR\r\n" * 200_000
    assert copied < 400_000
