"""The API among strangers: who has a key is served, whatever those do who have none."""

from __future__ import annotations

import gzip
import json
import socket
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace

import pytest
import urllib3

from sim.ingest.api.ingest import Rules
from sim.ingest.http import app as app_module
from sim.ingest.http.limits import Bounds
from sim.ingest.launch import launch_ingest
from tests.patience import PATIENCE_S, until
from tests.sim.ingest.site import BADGE, NOW_MS, ask_http, batch, raw
from tests.sim.net.strangers import STRANGERS, meet

MIB = 1 << 20


@contextmanager
def guarded(**bounds):
    """A server that asks for keys, and the headers of a badge that has one."""
    with launch_ingest(rules=Rules(), clock=lambda: NOW_MS, bounds=Bounds(**bounds)) as server:
        keys = server.ingest.new_service_keys()
        body = {"device_id": BADGE, "company_id": "acme"}
        headers = {"X-Actual-Api-Key": keys["provisioning"]}
        key = ask_http(server.url, "POST", "/api/devices", body, headers).body["api_key"]
        yield server, {"X-Actual-Api-Key": key}


def connected(server):
    host, _, port = server.url.removeprefix("http://").rpartition(":")
    return closing(socket.create_connection((host, int(port)), timeout=PATIENCE_S))


def head(length, *lines):
    start = ["POST /api/events HTTP/1.1", "Host: x", f"Content-Length: {length}", *lines]
    return "\r\n".join([*start, "", ""]).encode()


def test_bodies_of_strangers_take_no_room():
    with guarded(room_bytes=MIB) as (server, headers), ExitStack() as lines:
        for _ in range(3):
            line = lines.enter_context(connected(server))
            line.sendall(head(MIB, "X-Actual-Api-Key: ak_wrong") + b" " * 600_000)
            assert line.recv(65536).startswith(b"HTTP/1.1 401 ")
        sent = raw(batch(1)).ljust(600_000)
        assert ask_http(server.url, "POST", "/api/events", sent, headers).status == 202


@pytest.mark.parametrize("path", ["/api/devices", "/api/equipment-tags", "/api/parcels"])
def test_nor_do_they_on_the_other_routes(path):
    with guarded() as (server, headers), connected(server) as line:
        start = head(10**12, f"X-Actual-Api-Key: {headers['X-Actual-Api-Key']}")
        line.sendall(start.replace(b"/api/events", path.encode()))
        assert line.recv(65536).startswith(b"HTTP/1.1 401 ")


def test_a_good_key_is_looked_up_once_before_bodies_and_each_time_with_one(monkeypatch):
    with guarded() as (server, headers):
        looked, turned_away = [], server.ingest.turned_away

        def counting(headers, role):
            looked.append(role)
            return turned_away(headers, role)

        monkeypatch.setattr(server.ingest, "turned_away", counting)
        for number in (1, 2, 3):
            answer = ask_http(server.url, "POST", "/api/events", batch(number), headers)
            assert answer.status == 202
        assert looked == ["device"]
        monkeypatch.setattr(server.store, "device", lambda device_id: None)  # it is withdrawn
        assert ask_http(server.url, "POST", "/api/events", batch(4), headers).status == 401


def test_the_memory_of_good_keys_is_bounded(monkeypatch):
    monkeypatch.setattr(app_module, "KEYS_REMEMBERED", 2)
    with launch_ingest() as server:
        for number in range(1, 6):
            headers = {"X-Actual-Api-Key": f"any-{number}"}
            answer = ask_http(server.url, "POST", "/api/events", batch(number), headers)
            assert answer.status == 202


def test_half_a_body_when_the_server_stops_is_503_in_json_without_a_traceback(caplog):
    with launch_ingest(bounds=Bounds(stop_timeout_s=0.1)) as server, connected(server) as line:
        line.sendall(head(1000) + b"[")
        until(lambda: server.served.server.server_state.tasks)  # it has been read
        server.stop()
        answer = line.recv(65536)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "busy"
    assert "Traceback" not in caplog.text
    assert server.traffic.statuses[503] == 1


@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}])
def test_a_compressed_body_is_415(headers):
    with launch_ingest() as server:
        body = gzip.compress(raw(batch(1)))
        answer = ask_http(server.url, "POST", "/api/events", body, headers)
        assert (answer.status, answer.body["accepted"]) == (415, 0)
        identity = {"Content-Encoding": "identity"}
        assert ask_http(server.url, "POST", "/api/events", batch(1), identity).status == 202


def test_a_badge_of_an_open_server_that_is_too_fast_waits_by_a_clock_that_nobody_sets():
    steady = [0]
    rules = Rules(open=True, requests_per_minute=2)
    with launch_ingest(rules=rules, clock=lambda: NOW_MS, steady=lambda: steady[0]) as server:

        def post(number, **changes):
            body = batch(number, **changes)
            return ask_http(server.url, "POST", "/api/events", body).status

        assert [post(n, payload=7) for n in (1, 2, 3)] == [400] * 3  # refused: they do not count
        assert [post(n) for n in (1, 2, 3)] == [202, 202, 429]
        steady[0] = 60_000
        assert post(3) == 202


@pytest.fixture(scope="module")
def hurried():
    bounds = Bounds(head_timeout_s=0.2, body_timeout_s=0.2, linger_timeout_s=0.2)
    with launch_ingest(clock=lambda: NOW_MS, bounds=bounds) as server:
        yield server


@pytest.mark.parametrize("name", STRANGERS)
def test_every_stranger_comes_to_an_end_and_the_next_client_is_served(hurried, name, caplog):
    stranger = STRANGERS[name]
    pieces = tuple(piece.replace(b" / HTTP", b" /api/events HTTP") for piece in stranger.pieces)
    meet(int(hurried.url.rpartition(":")[2]), replace(stranger, pieces=pieces))

    def served():
        """On a busy machine an honest one may be too slow for a hurried server, too."""
        with suppress(urllib3.exceptions.HTTPError):
            answer = ask_http(hurried.url, "POST", "/api/events", batch(1))
            return (answer.status, answer.body["accepted"]) == (202, 1)

    until(served)
    assert "Traceback" not in caplog.text
