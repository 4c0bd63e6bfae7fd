from __future__ import annotations

import struct

import pytest
from dbus_fast import Message, MessageType, Variant
from hypothesis import given
from hypothesis import strategies as st

from sim.air.dbus.marshal import marshal
from sim.air.dbus.stream import encode
from sim.air.dbus.unmarshal import unmarshal

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
LEAVES = {
    "y": st.integers(0, 255),
    "b": st.booleans(),
    "n": st.integers(-(2**15), 2**15 - 1),
    "q": st.integers(0, 2**16 - 1),
    "i": st.integers(-(2**31), 2**31 - 1),
    "u": st.integers(0, 2**32 - 1),
    "x": st.integers(-(2**63), 2**63 - 1),
    "t": st.integers(0, 2**64 - 1),
    "d": st.floats(allow_nan=False),
    "s": TEXT,
    "o": st.just("/org/bluez"),
    "g": st.just("a{sv}"),
    "ay": st.binary(max_size=20),
}
leaf = st.sampled_from(sorted(LEAVES)).flatmap(lambda s: st.tuples(st.just(s), LEAVES[s]))


def variant(typed):
    return "v", Variant(*typed)


def array(typed):
    signature, value = typed
    return "a" + signature, bytes([value, value]) if signature == "y" else [value, value]


def keyed(typed):
    signature, value = typed
    return "a{q" + signature + "}", {1: value, 7: value}


def pair(typed):
    signature, value = typed
    return f"(y{signature})", [3, value]


values = st.recursive(
    leaf,
    lambda inner: st.one_of(
        inner.map(variant), inner.map(array), inner.map(keyed), inner.map(pair)
    ),
    max_leaves=6,
)


@given(st.lists(values, min_size=1, max_size=4))
def test_what_is_written_is_what_is_read(told):
    signature, body = "".join(s for s, _ in told), [v for _, v in told]
    message = Message.new_signal("/a", "a.b", "C", signature, body)
    message.serial, message.sender = 9, ":1.1"
    found = unmarshal(encode(message))
    assert found.body == body
    assert (found.sender, found.serial, found.signature) == (":1.1", 9, signature)
    assert found.message_type is MessageType.SIGNAL


def test_an_empty_array_is_padded_up_to_its_first_element():
    assert bytes(marshal("ya{sv}", [1, {}])) == b"\1\0\0\0" + bytes(4)
    assert bytes(marshal("at", [[]])) == bytes(8)


@pytest.mark.parametrize(
    ("signature", "body"),
    [("y", [256]), ("n", ["x"]), ("s", [1]), ("ss", ["one"]), ("(ss)", [["one"]])],
)
def test_a_value_of_another_type_is_an_error(signature, body):
    with pytest.raises((ValueError, TypeError, AttributeError, struct.error)):
        marshal(signature, body)
