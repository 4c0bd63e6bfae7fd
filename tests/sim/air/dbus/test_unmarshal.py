"""The reader is the writer's inverse, and octets that are no message are an error, never more."""

from __future__ import annotations

import contextlib

import pytest
from dbus_fast import DBusFastError, Message, Variant
from hypothesis import given
from hypothesis import strategies as st

from sim.air.dbus.stream import encode
from sim.air.dbus.unmarshal import unmarshal

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=9)
SIMPLE = st.one_of(
    st.tuples(st.just("s"), TEXTS),
    st.tuples(st.just("o"), st.sampled_from(["/", "/org/bluez/hci0"])),
    st.tuples(st.just("g"), st.sampled_from(["", "s", "a{sv}", "(ybn)"])),
    st.tuples(st.just("b"), st.booleans()),
    st.tuples(st.just("y"), st.integers(0, 2**8 - 1)),
    st.tuples(st.just("n"), st.integers(-(2**15), 2**15 - 1)),
    st.tuples(st.just("q"), st.integers(0, 2**16 - 1)),
    st.tuples(st.just("i"), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.just("u"), st.integers(0, 2**32 - 1)),
    st.tuples(st.just("x"), st.integers(-(2**63), 2**63 - 1)),
    st.tuples(st.just("t"), st.integers(0, 2**64 - 1)),
    st.tuples(st.just("d"), st.floats(allow_nan=False)),
    st.tuples(st.just("ay"), st.binary(max_size=9)),
)


def containers(inner):
    return st.one_of(
        inner.map(lambda item: ("v", Variant(*item))),
        inner.filter(lambda item: item[0] != "y").flatmap(
            lambda item: st.tuples(st.just("a" + item[0]), many(item[1]))
        ),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda items: ("(" + "".join(i[0] for i in items) + ")", [i[1] for i in items])
        ),
        st.tuples(TEXTS, inner).map(lambda pair: ("a{s" + pair[1][0] + "}", {pair[0]: pair[1][1]})),
    )


def many(value):
    return st.integers(1, 3).map(lambda count: [value] * count)


VALUES = st.recursive(SIMPLE, containers, max_leaves=8)


def message(items):
    return Message(
        path="/a",
        member="M",
        interface="a.b",
        serial=3,
        signature="".join(kind for kind, _ in items),
        body=[value for _, value in items],
    )


@given(st.lists(VALUES, max_size=3))
def test_it_reads_what_is_written(items):
    told = message(items)
    found = unmarshal(encode(told))
    assert (found.signature, found.body) == (told.signature, told.body)
    assert (found.path, found.member, found.interface, found.serial) == ("/a", "M", "a.b", 3)


@given(st.lists(VALUES, max_size=3), st.data())
def test_damage_anywhere_is_an_error_or_another_message(items, data):
    octets = bytearray(encode(message(items)))
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(ValueError, DBusFastError):
        unmarshal(bytes(octets))


def test_every_octet_of_a_real_request_may_be_damaged():
    body = [{"Transport": Variant("s", "le"), "RSSI": Variant("n", -127)}]
    octets = encode(Message("org.bluez", "/a", "a.b", "M", signature="a{sv}", body=body, serial=7))
    for place in range(len(octets)):
        for flip in (1, 0x08, 0x0D, 0x13, 0x80, 0xFF):
            damaged = bytearray(octets)
            damaged[place] ^= flip
            with contextlib.suppress(ValueError, DBusFastError):
                unmarshal(bytes(damaged))
        with pytest.raises((ValueError, DBusFastError)):
            unmarshal(octets[:place])


def test_big_endian_is_read_too():
    head = b"B\2\0\1" + (4).to_bytes(4) + (9).to_bytes(4)
    fields = b"\5\1u\0" + (7).to_bytes(4) + b"\x08\1g\0\1u\0"
    octets = head + len(fields).to_bytes(4) + fields + bytes(-len(fields) % 8) + (258).to_bytes(4)
    found = unmarshal(octets)
    assert (found.serial, found.reply_serial, found.body) == (9, 7, [258])


def one(signature: str, body: bytes) -> bytes:
    fields = b"\5\1u\0" + (7).to_bytes(4, "little")
    fields += b"\x08\1g\0" + bytes([len(signature)]) + signature.encode() + b"\0"
    head = b"l\2\0\1" + len(body).to_bytes(4, "little") + (1).to_bytes(4, "little")
    return head + len(fields).to_bytes(4, "little") + fields + bytes(-len(fields) % 8) + body


@pytest.mark.parametrize(
    ("signature", "body"),
    [
        ("a()", b"\1\0\0\0" + bytes(5)),
        ("a{(s)s}", b"\x20\0\0\0" + bytes(36)),
        ("a{vs}", b"\x20\0\0\0" + bytes(36)),
        ("s", b"\xff\xff\xff\xff"),
        ("s", b"\1\0\0\0ab"),
        ("au", b"\3\0\0\0" + bytes(4)),
        ("u", bytes(8)),
        ("o", b"\2\0\0\0na\0"),
        ("o", b"\2\0\0\0//\0"),
        ("v", b"\2uu\0" + bytes(8)),
        ("v", b"\1v\0" * 70 + b"\1y\0\0"),
    ],
)
def test_what_makes_no_sense_is_refused(signature, body):
    with pytest.raises((ValueError, DBusFastError)):
        unmarshal(one(signature, body))


def test_a_message_that_nobody_could_answer_is_refused():
    whole = bytearray(one("u", bytes(4)))
    unmarshal(bytes(whole))
    whole[8:12] = bytes(4)
    with pytest.raises(ValueError, match="serial of 0"):
        unmarshal(bytes(whole))
