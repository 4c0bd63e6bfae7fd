"""Batches over real HTTP: answers, silence, refusal, and what the user is told of them."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from time import monotonic

import pytest

from badge.effects import Upload
from badge.errors import InputError
from badge.inputs import UploadAnswer
from sim.engine.clock import Clock
from sim.net.server import held_port
from sim.record import uplink as http_uplink
from sim.record.uplink import LATENCY_MS, HttpUplink
from tests.patience import PATIENCE_S
from tests.quiet_server import QuietServer

UPLOAD = Upload(7, b'[{"x":1}]', 1, 1, 1)


@contextmanager
def server(status=202, body=b"{}", headers=()):
    """Answer everything so; yields the URL and the requests seen."""
    seen = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            seen.append((self.path, dict(self.headers), self.rfile.read(length)))
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    httpd = QuietServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=httpd.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}", seen
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


@contextmanager
def talker(talk):
    """A bare server: `talk(connection)` is all it does with each client."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()
    open_connections = []

    def run():
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            open_connections.append(connection)
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in open_connections:
            connection.close()
        thread.join()


def post(url, api_key="", uplink=None):
    clock = Clock()
    uplink = uplink or HttpUplink(clock, url, api_key, {"X-More": "1"})
    answers = []
    uplink._clock = clock
    uplink.send(UPLOAD, answers.append)
    assert (clock.next_ms, answers) == (LATENCY_MS, [])
    clock.step()
    return answers[0], uplink


def test_a_batch_goes_to_the_ingests_address_with_its_key():
    with server(202, b'{"accepted":1}') as (url, seen):
        answer, uplink = post(url, "ak_secret")
    ((path, headers, body),) = seen
    assert answer == UploadAnswer(7, 202)
    assert (path, body) == ("/api/events", UPLOAD.body)
    assert headers["X-Actual-Api-Key"] == "ak_secret"
    assert (headers["Content-Type"], headers["X-More"]) == ("application/json", "1")
    assert (uplink.trouble, uplink.statuses) == (None, {202: 1})


def test_a_url_with_a_path_is_taken_as_it_is_and_no_key_is_no_header():
    with server() as (url, seen):
        post(url + "/hooks/badge")
        post(url + "/")
    assert [path for path, _, _ in seen] == ["/hooks/badge", "/api/events"]
    assert "X-Actual-Api-Key" not in seen[0][1]


@pytest.mark.parametrize(
    ("status", "body", "headers", "wanted", "trouble"),
    [
        (207, b'{"rejected_events":[{"sequence_number":1,"reason":"no"}]}', [],
         UploadAnswer(7, 207, rejected=((1, "no"),)), None),
        (429, b"", [("Retry-After", "9")], UploadAnswer(7, 429, retry_after_s=9), "answered 429"),
        (422, b'{"code":"schema_deprecated"}', [], UploadAnswer(7, 422, code="schema_deprecated"),
         "answered 422"),
        (401, b"", [], UploadAnswer(7, 401), "answered 401; is the API key right?"),
        (500, b"<html>", [], UploadAnswer(7, 500), "answered 500"),
        (301, b"", [("Location", "http://127.0.0.1:1/")], UploadAnswer(7, 301), "answered 301"),
    ],
)  # fmt: skip
def test_answers_are_given_back_and_told(status, body, headers, wanted, trouble):
    with server(status, body, headers) as (url, _):
        answer, uplink = post(url)
    assert (answer, uplink.trouble) == (wanted, trouble)


def test_a_refused_connection_is_no_answer():
    with held_port() as port:
        answer, uplink = post(f"http://127.0.0.1:{port}")
    assert answer.status is None
    assert uplink.trouble == "no connection; is the server running?"


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(http_uplink, "TIMEOUT_S", 0.15)
    monkeypatch.setattr(http_uplink, "SILENCE_S", 0.05)


def test_silence_is_no_answer_and_after_two_nothing_is_tried_any_more(impatient):
    called = []
    with talker(called.append) as url:
        answer, uplink = post(url)
        assert answer.status is None
        assert uplink.trouble == "no answer in time"
        post(url, uplink=uplink)
        for _ in range(50):
            post(url, uplink=uplink)
    assert len(called) == 2
    assert uplink.statuses == {None: 52}


def drip(connection):
    """Answer a byte now and then, for ever."""
    try:
        connection.sendall(b"HTTP/1.1 202 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            connection.sendall(b"x")
            threading.Event().wait(0.02)
    except OSError:
        pass


def test_an_answer_that_does_not_end_is_given_up(impatient):
    with talker(drip) as url:
        begun_s = monotonic()
        answer, _ = post(url)
    assert answer.status is None
    assert monotonic() - begun_s < PATIENCE_S  # it would take half an hour


@pytest.mark.parametrize("content", [b"", b"hello\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\0" * 100])
def test_nonsense_is_no_answer(impatient, content):
    def talk(connection):
        connection.recv(65536)
        connection.sendall(content)
        connection.close()

    with talker(talk) as url:
        answer, uplink = post(url)
    assert answer.status is None
    assert uplink.trouble


@pytest.mark.parametrize(
    "url",
    ["", "x", "127.0.0.1:80", "ftp://h", "http://", "http://[", "http://h:99999", "http://h:x"],
)
def test_what_is_no_url_is_named(url):
    with pytest.raises(InputError, match="not a URL"):
        HttpUplink(Clock(), url, "", {})


@pytest.mark.parametrize("key", ["a\nb", "ključ", "a\x00"])
def test_a_key_that_no_header_can_carry_is_refused_without_telling_it(key):
    with pytest.raises(InputError) as caught:
        HttpUplink(Clock(), "http://h", key, {})
    assert key not in str(caught.value)
