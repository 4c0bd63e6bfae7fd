"""The blocking client: every bad manner ends in time, as the right status or as no answer."""

from __future__ import annotations

import socket
from threading import Thread

import pytest

from badge.answers import ANSWER_BYTES_MAX
from badge.errors import InputError
from sim.net.answer import Answer, NoAnswer
from sim.net.client import Client
from sim.net.server import LOOPBACK, listening, serving
from tests.sim.net.hostile import BEHAVIOURS, SLOW, hostile

BODY = b'[{"device_id":"ACT-00000001","sequence_number":10}]'


def patience_s(name):
    """A short one where all of it is waited for; else more than a busy machine needs."""
    return 0.3 if name.startswith(SLOW) else 30.0


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_every_bad_manner_is_a_status_or_no_answer(name):
    with hostile(name) as backend, Client(timeout_s=patience_s(name)) as client:
        answers = [client.request("POST", backend.url, BODY) for _ in range(2)]
    for answer in answers:
        status = answer.status if isinstance(answer, Answer) else None
        assert status in BEHAVIOURS[name].statuses
        assert status is None or len(answer.body) <= ANSWER_BYTES_MAX
        if name.startswith(SLOW):
            assert answer == NoAnswer("late")


def test_a_connection_serves_one_request_after_the_other():
    with hostile("202") as backend, Client() as client:
        for _ in range(3):
            client.request("POST", backend.url, BODY)
        assert (backend.requests, backend.connections) == (3, 1)


@pytest.mark.parametrize(
    ("url", "cause"),
    [("http://127.0.0.1:1/", "away"), ("http://no-such-name.invalid/", "unknown host")],
)
def test_nobody_there(url, cause):
    with Client() as client:
        assert client.request("GET", url) == NoAnswer(cause)


def test_https_to_http_is_told_apart():
    with (
        listening(LOOPBACK, 0) as listener,
        serving(lambda *_: None, listener) as served,
        Client() as client,
    ):
        answer = client.request("GET", served.url.replace("http", "https"))
    assert answer == NoAnswer("tls")


def test_it_says_nothing_of_itself():
    heads = []
    with hostile("202") as backend, Client() as client:
        serve = backend.serve

        async def listening(reader, writer):
            await serve(Heard(reader, heads), writer)

        backend.serve = listening
        client.request("POST", backend.url, BODY, {"X-One": "1"})
    names = {line.split(b":")[0].lower() for line in b"".join(heads).split(b"\r\n")[1:] if line}
    assert names <= {b"host", b"content-length", b"x-one"}


class Heard:
    """A reader that keeps the heads it reads."""

    def __init__(self, reader, heads):
        self._reader, self._heads = reader, heads

    async def readuntil(self, end):
        self._heads.append(await self._reader.readuntil(end))
        return self._heads[-1]

    def __getattr__(self, name):
        return getattr(self._reader, name)


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "schlüssel", "a\0"])
def test_a_header_that_cannot_be_sent_is_refused_without_telling_it(value):
    with Client() as client, pytest.raises(InputError) as caught:
        client.request("GET", "http://127.0.0.1:1/", headers={"X-Actual-Api-Key": value})
    assert str(caught.value).startswith("X-Actual-Api-Key: ")
    assert value not in str(caught.value)


def test_what_is_no_url_is_one_sentence():
    with Client() as client, pytest.raises(InputError, match="not a URL"):
        client.request("GET", "127.0.0.1:80")


def test_a_chunk_of_a_size_below_zero_is_no_http():
    with socket.create_server(("127.0.0.1", 0)) as server, Client() as client:

        def say():
            taken, _ = server.accept()
            with taken:
                taken.recv(65_536)
                taken.sendall(
                    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabcde\r\n"
                )

        Thread(target=say, daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        assert client.request("POST", url, b"{}") == NoAnswer("not HTTP")
