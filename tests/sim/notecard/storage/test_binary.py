from __future__ import annotations

import json
from hashlib import md5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.notecard.codec.arguments import RequestError
from sim.notecard.codec.cobs import cobs_encode
from sim.notecard.storage.binary import BinaryStore, encoded_max
from tests.strategies import unhurried

MAX = 130_554


def put(store: BinaryStore, data: bytes, offset: int = 0, digest: str = "") -> None:
    encoded = cobs_encode(data)
    store.expect(len(encoded), digest, offset)
    store.take(encoded)


@unhurried
@given(st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=4))
def test_fragments_add_up(parts):
    store = BinaryStore(MAX)
    for part in parts:
        put(store, part, len(store.held), md5(part).hexdigest().upper())
    whole = b"".join(parts)
    assert store.status()["status"] == md5(whole).hexdigest()
    assert store.slice(0, 0) == whole
    assert store.slice(len(parts[0]), 0) == whole[len(parts[0]) :]


def test_offset_zero_begins_anew_and_another_must_be_the_length():
    store = BinaryStore(MAX)
    put(store, b"one")
    put(store, b"two")
    assert store.held == b"two"
    with pytest.raises(RequestError, match="bad-bin"):
        store.expect(4, "", 2)


@pytest.mark.parametrize(
    ("raw", "length", "digest"),
    [
        (cobs_encode(b"abc"), 9, ""),
        (cobs_encode(b"abc"), 4 + 0, "0" * 32),
        (b"\x0fab", 3, ""),
        (b"", 1, ""),
    ],
)
def test_damage_is_latched_until_it_is_cleared(raw, length, digest):
    store = BinaryStore(MAX)
    store.expect(length, digest, 0)
    store.take(raw)
    for question in (store.status, lambda: store.slice(0, 0)):
        with pytest.raises(RequestError, match="bad-bin"):
            question()
    put(store, b"good")
    assert store.status()["length"] == 4


def test_more_than_the_store_holds_is_refused():
    store = BinaryStore(MAX)
    with pytest.raises(RequestError, match="too-big"):
        store.expect(encoded_max(MAX) + 1, "", 0)


def test_what_decodes_to_more_than_the_store_holds_is_refused_too():
    store = BinaryStore(300)
    put(store, bytes(250))
    put(store, bytes(51), 250)
    with pytest.raises(RequestError, match="bad-bin"):
        store.status()


def test_the_line_after_a_put_is_payload_whatever_it_says(desk):
    assert desk.send(b'{"req":"card.binary.put","cobs":20}\n') == b"{}\r\n"
    assert desk.send(b'{"req":"hub.get"}\n') == b""
    assert "{bad-bin}" in desk.ask("card.binary")["err"]
    assert desk.ask("card.binary", delete=True) == {}
    assert desk.ask("card.binary") == {"max": 261_110}


def test_json_first_then_the_slice(desk):
    encoded = cobs_encode(b"\n\0payload")
    desk.ask("card.binary.put", cobs=len(encoded))
    desk.send(encoded + b"\n")
    line, _, rest = desk.send(b'{"req":"card.binary.get","offset":2,"length":3}\n').partition(
        b"\r\n"
    )
    assert json.loads(line)["status"] == md5(b"pay").hexdigest()
    assert rest == cobs_encode(b"pay") + b"\n"
