"""The API over real sockets: many at once, too big, too slow, half sent, store down."""

from __future__ import annotations

import asyncio
import json
import select
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest
import urllib3

from sim.ingest.http.limits import Bounds
from sim.ingest.launch import launch_ingest
from sim.ingest.store.sqlite import SqliteStore
from tests.patience import PATIENCE_S
from tests.sim.ingest.site import NOW_MS, ask_http, batch, event, raw

# A body has its time: on a busy machine an honest one comes late, too.
BOUNDS = Bounds(body_bytes=1 << 20, linger_timeout_s=0.5)


@pytest.fixture(scope="module")
def server():
    with launch_ingest(clock=lambda: NOW_MS, bounds=BOUNDS) as running:
        yield running


def connected(server):
    host, _, port = server.url.removeprefix("http://").rpartition(":")
    return closing(socket.create_connection((host, int(port)), timeout=PATIENCE_S))


def spoken(server, *pieces):
    """Send pieces as they are, return everything until the server closes."""
    with connected(server) as wire:
        for piece in pieces:
            wire.sendall(piece)
        answer = b""
        while chunk := wire.recv(65536):
            answer += chunk
    return answer


def head(length):
    return f"POST /api/events HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode()


def test_two_hundred_connections_at_once_lose_nothing():
    devices = [f"ACT-{n:08X}" for n in range(200)]

    def upload(device):
        with urllib3.PoolManager(retries=False) as pool:
            return [
                pool.request("POST", f"{server.url}/api/events", body=raw(body)).json()["accepted"]
                for body in (batch(1, 2, device=device), batch(2, 3, device=device))
            ]

    with launch_ingest() as server, ThreadPoolExecutor(200) as pool:
        assert list(pool.map(upload, devices)) == [[2, 2]] * 200
        expected = [event(n, device=device) for device in devices for n in (1, 2, 3)]
        assert server.store.events() == expected
        assert server.traffic.figures() == {
            "requests": 400,
            "accepted": 800,
            "duplicates": 200,
            "rejected": 0,
            "conflicts": 0,
        }


def test_a_body_over_the_limit_is_refused_and_the_refusal_is_readable(server):
    answer = ask_http(server.url, "POST", "/api/events", b" " * (BOUNDS.body_bytes + 1))
    assert answer.status == 413
    assert answer.body == {"error": "Body limit is 1048576 bytes.", "accepted": 0}


def test_a_client_that_sends_all_before_it_reads_still_gets_the_refusal():
    with launch_ingest() as server:
        answer = spoken(server, head(8 << 20), b" " * (8 << 20))
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_body_of_exactly_the_limit_is_read(server):
    body = raw(batch(1)).ljust(BOUNDS.body_bytes)
    assert ask_http(server.url, "POST", "/api/events", body).status == 202


def test_a_chunked_body_is_refused_while_it_is_read(server):
    start = b"POST /api/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    piece = b"10000\r\n" + b" " * 65536 + b"\r\n"
    assert spoken(server, start, *[piece] * 17).startswith(b"HTTP/1.1 413 ")


def test_an_announced_flood_is_refused_before_it_comes(server):
    assert spoken(server, head(10**12)).startswith(b"HTTP/1.1 413 ")


def test_a_client_that_asks_first_is_refused_without_sending(caplog):
    asking = head(2**21).replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")
    with launch_ingest() as server:
        answer = spoken(server, asking)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"100 Continue" not in answer
    assert caplog.text == ""


def test_a_half_sent_body_is_answered_408_in_time():
    with launch_ingest(bounds=replace(BOUNDS, body_timeout_s=0.2)) as server:
        answer = spoken(server, head(100), b"[{")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "request_timeout"


def test_a_half_sent_head_is_cut_off_in_time():
    with launch_ingest(bounds=Bounds(head_timeout_s=0.1)) as server:
        assert spoken(server) == b""
        assert spoken(server, b"POST /api/events HTTP/1.1\r\nHos") == b""
    with launch_ingest(bounds=Bounds(head_timeout_s=1.0)) as server, connected(server) as wire:
        wire.sendall(head(2) + b"[]")
        assert wire.recv(65536).startswith(b"HTTP/1.1 400 ")
        wire.sendall(b"GET /api/hea")
        while wire.recv(65536):
            pass


def test_a_client_that_goes_away_half_way_harms_nobody(server):
    with connected(server) as wire:
        wire.sendall(head(100) + b"[{")
    assert ask_http(server.url, "GET", "/api/health").status == 200


def test_unknown_paths_and_methods_are_answered_as_json(server):
    missing = ask_http(server.url, "GET", "/api/nothing")
    assert (missing.status, missing.body["code"]) == (404, "not_found")
    wrong = ask_http(server.url, "GET", "/api/events")
    assert (wrong.status, wrong.body["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "POST"


def test_a_full_disk_is_503_for_all_that_wait_and_then_heals(tmp_path):
    store = SqliteStore(tmp_path / "x.db")
    with launch_ingest(store) as server:
        pages = store._db.execute("PRAGMA page_count").fetchone()[0]
        store._db.execute(f"PRAGMA max_page_count = {pages}")
        answers = [
            ask_http(server.url, "POST", "/api/events", batch(*range(n, n + 100))) for n in (1, 101)
        ]
        assert [answer.status for answer in answers] == [503, 503]
        assert answers[0].headers["retry-after"] == "30"
        assert store.events() == []
        store._db.execute(f"PRAGMA max_page_count = {pages + 1000}")
        healed = ask_http(server.url, "POST", "/api/events", batch(*range(1, 101)))
        assert healed.status == 202
        assert len(store.events()) == 100


def test_too_many_waiting_requests_are_told_to_come_back():
    with launch_ingest(bounds=Bounds(waiting_requests=0)) as server:
        answer = ask_http(server.url, "POST", "/api/events", batch(1))
        assert (answer.status, answer.body["code"]) == (503, "busy")
        assert answer.headers["retry-after"] == "5"


def test_many_large_bodies_at_once_never_take_more_than_the_room_for_them():
    bounds = Bounds(room_bytes=1 << 20, body_timeout_s=0.5)
    large = raw(batch(1)).ljust(600_000)
    with launch_ingest(bounds=bounds) as server:
        for _ in range(100):  # on a busy machine the half body's time may be over before that
            with connected(server) as wire:
                wire.sendall(head(1 << 20) + b" " * 600_000)
                status = 202
                while status == 202 and not select.select([wire], [], [], 0)[0]:
                    answer = ask_http(server.url, "POST", "/api/events", large)
                    status = answer.status
                assert wire.recv(65536).startswith(b"HTTP/1.1 408 ")
            if status != 202:
                break
        assert (status, answer.body["code"]) == (503, "busy")
        assert ask_http(server.url, "POST", "/api/events", large).status == 202


def test_a_bug_is_500_for_its_request_only_and_is_logged_without_the_key(monkeypatch, caplog):
    def broken(*_):
        raise ZeroDivisionError

    headers = {"X-Actual-Api-Key": "a-secret"}
    with launch_ingest() as server:
        monkeypatch.setattr(server.store, "sighting", broken)
        answer = ask_http(server.url, "GET", "/api/devices/ACT-00000001/status", None, headers)
        assert (answer.status, answer.body["code"]) == (500, "internal_error")
        assert ask_http(server.url, "GET", "/api/health").status == 200
    assert "ZeroDivisionError" in caplog.text
    assert "a-secret" not in caplog.text


def test_the_app_runs_under_any_asgi_server():
    from sim.ingest.api.ingest import Ingest, Rules
    from sim.ingest.http.app import create_app

    async def ask(app):
        async with app.router.lifespan_context(app):
            sent = []
            body = {"type": "http.request", "body": raw(batch(1))}
            scope = {
                "type": "http",
                "method": "POST",
                "path": "/api/events",
                "headers": [],
                "query_string": b"",
            }

            async def receive():
                return body

            async def send(message):
                sent.append(message)

            await app(scope, receive, send)
            return sent[0]["status"]

    with closing(SqliteStore(":memory:")) as store:
        app = create_app(Ingest(store, lambda: NOW_MS, Rules(open=True)), store)
        assert asyncio.run(ask(app)) == 202
