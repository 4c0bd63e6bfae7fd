"""How much of a client, and of all together, is put up with."""

from __future__ import annotations

import asyncio

import pytest
from starlette.requests import ClientDisconnect

from sim.ingest.api.answers import RefusedError
from sim.ingest.http.limits import Bounds, LingeringResponse, Room, read_body


def read(*messages, bounds=None, room=None, **headers):
    """Read a body that comes in these messages; after them nothing comes any more."""
    left = list(messages)

    async def receive():
        if left:
            return left.pop(0)
        return await asyncio.Event().wait()

    pairs = [(name.replace("_", "-").encode(), value) for name, value in headers.items()]

    async def whole() -> bytes:
        with (room or Room(1000)).lease() as lease:
            return await read_body({"headers": pairs}, receive, bounds or Bounds(), lease)

    return asyncio.run(whole())


def piece(content: bytes, more: bool = False):
    return {"type": "http.request", "body": content, "more_body": more}


def status(*messages, **options) -> int:
    with pytest.raises(RefusedError) as refusal:
        read(*messages, **options)
    return refusal.value.answer.status


def test_a_body_is_whole_however_it_comes():
    assert read(piece(b"[1,", True), piece(b"", True), piece(b"2]")) == b"[1,2]"


def test_a_body_over_the_limit_is_refused_by_its_length_or_as_it_comes():
    small = Bounds(body_bytes=4)
    assert status(content_length=b"5", bounds=small) == 413
    assert status(piece(b"123", True), piece(b"45"), bounds=small) == 413
    assert read(piece(b"1234"), bounds=small) == b"1234"


@pytest.mark.parametrize("encoding", [b"gzip", b"br", b" GZIP "])
def test_a_compressed_body_is_named_as_such(encoding):
    assert status(piece(b"x"), content_encoding=encoding) == 415
    assert status(piece(b"\x1f\x8b\x08")) == 415
    assert read(piece(b"x"), content_encoding=b"Identity") == b"x"


def test_a_body_that_does_not_come_in_time_is_408():
    assert status(piece(b"1", True), bounds=Bounds(body_timeout_s=0.01)) == 408


def test_a_client_that_leaves_is_not_answered():
    with pytest.raises(ClientDisconnect):
        read(piece(b"1", True), {"type": "http.disconnect"})


def test_room_is_given_back_whatever_happens():
    room = Room(10)
    assert status(piece(b"x" * 11), room=room) == 503
    assert room.left_bytes == 10
    read(piece(b"x" * 10), room=room)
    assert room.left_bytes == 10
    with room.lease() as lease:
        lease.take(8)
        assert status(piece(b"xxx"), room=room) == 503


def test_the_server_is_a_second_more_patient_than_the_app():
    bounds = Bounds(body_timeout_s=5, linger_timeout_s=2)
    assert bounds.patience.body_s == 8


def test_an_early_answer_is_sent_at_once_and_the_rest_read_for_a_while():
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        assert sent[1]["body"] == b"{}"
        return piece(b"x" * 10)

    answer = LingeringResponse(b"{}", 413, {}, Bounds(linger_bytes=35))
    asyncio.run(answer({"headers": []}, receive, send))
    assert sent[0]["status"] == 413
    assert (b"connection", b"close") in sent[0]["headers"]
    assert [message.get("more_body") for message in sent[1:]] == [True, False]
