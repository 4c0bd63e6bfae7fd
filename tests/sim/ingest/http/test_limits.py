"""How much of a client, and of all together, is put up with."""

from __future__ import annotations

import asyncio

import pytest
from starlette.requests import ClientDisconnect

from sim.ingest.api.answers import Answer, RefusedError
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


def refused(*messages, **options) -> Answer:
    with pytest.raises(RefusedError) as refusal:
        read(*messages, **options)
    return refusal.value.answer


def status(*messages, **options) -> int:
    return refused(*messages, **options).status


def test_a_body_is_whole_however_it_comes():
    assert read(piece(b"[1,", True), piece(b"", True), piece(b"2]")) == b"[1,2]"


def test_a_body_over_the_limit_is_refused_by_its_length_or_as_it_comes():
    small = Bounds(body_bytes=4)
    assert status(content_length=b"5", bounds=small) == 413
    assert status(piece(b"123", True), piece(b"45"), bounds=small) == 413
    assert read(piece(b"1234"), bounds=small) == b"1234"
    said = refused(piece(b"123", True), piece(b"45"), bounds=small)
    assert said.body["error"] == "Body limit is 4 bytes."


def test_a_message_may_leave_out_what_is_empty():
    """ASGI: a body that is not there is empty, and no more comes."""
    assert read(piece(b"1", True), {"type": "http.request"}) == b"1"
    assert read(piece(b"x"), content_encoding=b"") == b"x"


@pytest.mark.parametrize("encoding", [b"gzip", b"br", b" GZIP "])
def test_a_compressed_body_is_named_as_such(encoding):
    assert status(piece(b"x"), content_encoding=encoding) == 415
    assert status(piece(b"\x1f\x8b\x08")) == 415
    assert read(piece(b"x"), content_encoding=b"Identity") == b"x"


def test_a_body_that_does_not_come_in_time_is_408():
    said = refused(piece(b"1", True), bounds=Bounds(body_timeout_s=0.01))
    assert (said.status, said.body["code"]) == (408, "request_timeout")
    assert said.body["error"] == "The body was not complete within 0.01 s."


def test_a_client_that_leaves_is_not_answered():
    with pytest.raises(ClientDisconnect):
        read(piece(b"1", True), {"type": "http.disconnect"})


def test_room_is_given_back_whatever_happens():
    room = Room(10)
    said = refused(piece(b"x" * 11), room=room)
    assert (said.status, said.body["error"]) == (503, "Too many large bodies are under way.")
    assert room.left_bytes == 10
    read(piece(b"x" * 10), room=room)
    assert room.left_bytes == 10
    with room.lease() as lease:
        lease.take(8)
        assert status(piece(b"xxx"), room=room) == 503


def test_the_server_is_a_second_more_patient_than_the_app():
    bounds = Bounds(body_timeout_s=5, linger_timeout_s=2)
    assert bounds.patience.body_s == 8


def early(linger_bytes=100, patience_s=60.0, headers=(), pieces=None):
    """An answer to a body that goes on: what was sent, and how often more of the body was taken."""
    sent, taken = [], []

    async def send(message):
        sent.append(message)

    async def receive():
        assert sent[1]["body"] == b"{}"  # at once, before anything more is read
        taken.append(None)
        if pieces is not None and len(taken) > len(pieces):
            return await asyncio.Event().wait()
        assert len(taken) < 100
        return piece(b"x" * 10, True) if pieces is None else pieces[len(taken) - 1]

    bounds = Bounds(linger_bytes=linger_bytes, linger_timeout_s=patience_s)
    answer = LingeringResponse(b"{}", 413, {"Retry-After": "5"}, bounds)
    asyncio.run(answer({"headers": list(headers)}, receive, send))
    return sent, len(taken)


def test_an_early_answer_is_sent_at_once_and_ended_when_the_client_ends():
    sent, taken = early(pieces=[piece(b"x", True), piece(b"x")])
    start, *bodies = sent
    assert (start["type"], start["status"], taken) == ("http.response.start", 413, 2)
    headers = dict(start["headers"])
    assert headers[b"connection"] == b"close"
    assert headers[b"content-type"] == b"application/json"
    assert headers[b"retry-after"] == b"5"
    assert bodies == [
        {"type": "http.response.body", "body": b"{}", "more_body": True},
        {"type": "http.response.body", "body": b"", "more_body": False},
    ]


@pytest.mark.parametrize(("linger_bytes", "count"), [(20, 2), (21, 3), (35, 4), (0, 0)])
def test_what_comes_after_it_is_read_up_to_a_bound(linger_bytes, count):
    sent, taken = early(linger_bytes)
    assert taken == count
    assert sent[-1]["more_body"] is False


def test_nobody_is_waited_for_longer_than_the_patience_or_when_he_asked_first():
    sent, taken = early(patience_s=0.01, pieces=[piece(b"x", True)])
    assert (sent[-1]["more_body"], taken) == (False, 2)
    sent, taken = early(headers=[(b"expect", b"100-continue")])
    assert (sent[-1]["more_body"], taken) == (False, 0)
    assert early(pieces=[{"type": "http.disconnect"}])[1] == 1
