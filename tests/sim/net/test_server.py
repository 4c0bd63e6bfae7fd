"""The listening socket: what strangers may do with a connection, and for how long."""

from __future__ import annotations

import asyncio
import errno
import json
import socket
import sys
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from threading import Event

import pytest

from badge.errors import InputError
from sim.net.client import Client
from sim.net.server import LOOPBACK, TimeLimits, _Server, held_port, listening, serving
from tests.patience import PATIENCE_S

# A head has its ten seconds: on a busy machine an honest one comes late, too.
HURRIED = TimeLimits(body_s=0.15, read_s=0.15, stop_s=0.2)


async def app(scope, receive, send):
    """Answers at once, and reads no body."""
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


@contextmanager
def served(app=app, patience=HURRIED, **options):
    with listening(LOOPBACK, 0) as listener, serving(app, listener, patience, **options) as there:
        yield there


def spoken(there, *pieces):
    """Send pieces, return all that comes until the server closes."""
    port = int(there.url.rpartition(":")[2])
    with closing(socket.create_connection((LOOPBACK, port), timeout=PATIENCE_S)) as line:
        # A server that has refused the first piece may be gone before the next one is sent.
        with suppress(BrokenPipeError, ConnectionResetError):
            for piece in pieces:
                line.sendall(piece)
        answer = b""
        try:
            while part := line.recv(65536):
                answer += part
        except ConnectionResetError:
            pass  # what we sent was not read
        return answer


def head(*lines, method="POST"):
    return "\r\n".join([f"{method} / HTTP/1.1", "Host: x", *lines, "", ""]).encode()


@pytest.mark.parametrize("content", [b"", b"GET", b"GET / HTTP/1.1\r\nHost: x\r\nX: "])
def test_a_head_has_its_time(content):
    with served(patience=replace(HURRIED, head_s=0.1)) as there:
        assert spoken(there, content) == b""


@pytest.mark.parametrize("framing", ["Content-Length: 1000000000", "Transfer-Encoding: chunked"])
def test_so_has_a_body_that_nobody_reads(framing):
    with served() as there:
        assert spoken(there, head(framing, method="GET"), b"9").startswith(b"HTTP/1.1 200 ")


def test_and_an_answer_that_nobody_reads():
    ended = Event()

    async def talkative(scope, receive, send):
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            while True:
                message = {"type": "http.response.body", "body": b"x" * 65536, "more_body": True}
                await send(message)
                if not there.server.server_state.connections:
                    ended.set()
                    return

    with served(talkative) as there:
        port = int(there.url.rpartition(":")[2])
        with closing(socket.create_connection((LOOPBACK, port), timeout=PATIENCE_S)) as line:
            line.sendall(head(method="GET"))
            assert ended.wait(PATIENCE_S)


def test_a_length_beside_chunks_is_refused_and_what_follows_is_not_read():
    """RFC 9112, 6.3: a proxy that goes by the other one would see one request in place of two."""
    hidden = b"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
    with served() as there:
        answer = spoken(
            there, head("Content-Length: 40", "Transfer-Encoding: chunked"), b"0\r\n\r\n", hidden
        )
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"Connection: close" in answer
    assert answer.count(b"HTTP/1.1") == 1


def test_what_is_no_http_is_400_in_json():
    with served() as there:
        answer = spoken(there, b"nonsense\r\n\r\n")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "not_http"


def test_a_connection_may_idle_between_requests():
    with served(patience=replace(HURRIED, head_s=1.0)) as there, Client() as client:
        assert client.request("GET", there.url).status == 200
        Event().wait(1.1)  # longer than a head may take: idling is bounded by itself
        assert client.request("GET", there.url).status == 200
        assert len(there.server.server_state.connections) == 1


def test_a_websocket_is_answered_as_any_request_and_says_nothing(caplog):
    lines = ("Connection: Upgrade, close", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
    with served() as there:
        answer = spoken(there, head(*lines, "Sec-WebSocket-Key: eA==", method="GET"))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert caplog.text == ""


def test_a_request_under_way_is_answered_before_the_server_ends():
    begun, go_on = Event(), Event()

    async def slow(scope, receive, send):
        if scope["type"] == "http":
            begun.set()
            await asyncio.to_thread(go_on.wait)
            await app(scope, receive, send)

    with served(slow, TimeLimits()) as there:
        port = int(there.url.rpartition(":")[2])
        with closing(socket.create_connection((LOOPBACK, port), timeout=PATIENCE_S)) as line:
            line.sendall(head(method="GET"))
            begun.wait()
            there.server.should_exit = True
            go_on.set()
            assert line.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_a_server_that_is_stopped_at_once_says_nothing(caplog):
    for _ in range(20):
        with served():
            pass
    assert caplog.text == ""


def test_descriptors_used_up_are_one_line_now_and_then(caplog):
    class Loop:
        now_s = 0.0

        def time(self):
            return self.now_s

        def default_exception_handler(self, context):
            raise context["exception"]

    server, loop = _Server.__new__(_Server), Loop()
    full = {"exception": OSError(errno.EMFILE, "Too many open files")}
    for _ in range(1000):
        server._trouble(loop, full)
    assert len(caplog.records) == 1
    assert "Too many open files: new connections wait" in caplog.text
    loop.now_s = 11.0
    server._trouble(loop, full)
    assert len(caplog.records) == 2
    with pytest.raises(ZeroDivisionError):  # anything else is told as ever
        server._trouble(loop, {"exception": ZeroDivisionError()})


def test_an_address_that_cannot_be_had_is_one_sentence():
    with listening(LOOPBACK, 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port} of {LOOPBACK} cannot be had"):
            listening(LOOPBACK, port).__enter__()
    with pytest.raises(InputError, match="no-such-name"):
        listening("no-such-name.invalid", 0).__enter__()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a port has one socket")
def test_a_held_port_is_its_servers_alone_and_taken_again_after_each_end():
    with held_port() as port:
        for _ in range(2):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((LOOPBACK, port))
            with listening(LOOPBACK, port) as ours:
                assert ours.getsockname()[1] == port
                with closing(socket.create_connection((LOOPBACK, port))):
                    ours.accept()[0].close()
        with closing(socket.socket()) as stranger, pytest.raises(OSError, match="in use"):
            stranger.bind((LOOPBACK, port))


def test_ipv6_has_brackets():
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        with listening("::1", 0) as listener, serving(app, listener) as there, Client() as client:
            assert there.url.startswith("http://[::1]:")
            assert client.request("GET", there.url).status == 200
    except InputError:
        pytest.skip("no IPv6 address here")
