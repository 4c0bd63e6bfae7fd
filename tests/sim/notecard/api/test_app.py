from __future__ import annotations

import http.client
import json
import socket
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from sim.notecard.api.app import launch_api
from sim.notecard.model.outputs import Message
from tests.patience import until
from tests.sim.notecard.rig import DEVICE, go_online

PROJECT = f"/v1/projects/app:x/devices/{DEVICE}"


class Caller:
    """Speaks to the API over loopback."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token

    def __call__(self, method: str, path: str, body=None) -> tuple[int, dict]:
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = None if body is None else json.dumps(body).encode()
        headers |= {"Content-Type": "application/json"} if data else {}
        connection.request(method, path, data, headers)
        answer = connection.getresponse()
        found = answer.read()
        connection.close()
        return answer.status, json.loads(found) if found else {}


@pytest.fixture
def api():
    @contextmanager
    def start(card, token=""):
        with launch_api(card, token=token) as url:
            yield Caller(url, token)

    return start


def test_notes_signals_and_environment_come_in(live, api):
    card, said = live(), []
    card.deliver = said.append
    go_online(card)
    with api(card, "t") as call:
        assert call("POST", f"{PROJECT}/notes/data.qi", {"body": {"go": 1}})[0] == 200
        assert call("POST", f"{PROJECT}/notes/set.db/a", {"body": {"v": 1}})[0] == 200
        variables = {"environment_variables": {"rate": "5"}}
        assert call("PUT", f"{PROJECT}/environment_variables", variables) == (200, variables)
        until(lambda: "rate" in card.notecard.card.state.env_hub)
        assert call("POST", f"{PROJECT}/signal", {"body": {"s": 1}}) == (200, {"connected": True})
        until(lambda: card.notecard.card.session.signals)
        for line in (b'{"req":"note.get"}', b'{"req":"env.get","name":"rate"}'):
            card.receive(line + b"\n")
        card.receive(b'{"req":"hub.signal"}\n')
        text = b"".join(one.data for one in said if isinstance(one, Message))
        for part in (b'"go":1', b'"text":"5"', b'"s":1'):
            assert part in text
        _, page = call("GET", "/v1/projects/app:x/events?sortOrder=asc")
        assert page["events"][0]["file"] == "_session.qo"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", f"{PROJECT}/notes/data.qo", {"body": {}}, 400),
        ("POST", f"{PROJECT}x/notes/a.qi", {}, 404),
        ("POST", f"{PROJECT}/notes/data.qi", {"body": 5}, 422),
        ("POST", "/faults", {"kind": "rain"}, 400),
        ("POST", "/faults", {"kind": "slow", "times": 2}, 200),
        ("PUT", "/pins/ATTN", {"high": True}, 400),
        ("PUT", "/pins/AUX9", {"high": True}, 400),
        ("GET", f"{PROJECT}/plans", None, 501),
        ("POST", "/v1/projects/app:x/monitors", {}, 501),
        ("POST", "/auth/login", {}, 501),
        ("GET", "/nothing", None, 404),
        ("PUT", f"{PROJECT}/fleets", {"fleet_uids": ["fleet:\ud800"]}, 422),
        ("PUT", f"{PROJECT}/fleets", {"fleet_uids": ["fleet:none"]}, 404),
        ("GET", "/v1/projects/app:x/events?pageSize=0", None, 422),
        ("GET", "/v1/projects/app:x/events-cursor?cursor=made-up", None, 400),
    ],
)
def test_what_it_refuses_it_refuses_in_words(live, api, method, path, body, status):
    with api(live()) as call:
        found, answer = call(method, path, body)
        assert found == status
        assert status == 200 or answer["err"]


def test_a_signal_to_a_card_that_is_away_is_not_kept(live, api):
    card = live()
    with api(card) as call:
        assert call("POST", f"{PROJECT}/signal", {"body": {}}) == (200, {"connected": False})
        go_online(card)
        assert not card.notecard.card.session.signals


def test_an_input_is_driven_and_read(live, api):
    card = live()
    card.receive(b'{"req":"card.aux","mode":"gpio","usage":["input","high"]}\n')
    with api(card) as call:
        assert call("GET", "/pins")[1]["AUX2"] is True
        assert call("PUT", "/pins/AUX1", {"high": True})[1]["AUX1"] is True
        assert call("PUT", "/pins/AUX2", {"high": False})[0] == 400


def test_a_note_that_no_card_could_keep_is_refused_at_the_door(live, api):
    """One 300 deep, one of NaN, half a surrogate pair: each once ended a card, or left it so."""
    card = live()
    deep: dict = {}
    for _ in range(300):
        deep = {"a": deep}
    with api(card) as call:
        assert call("POST", f"{PROJECT}/notes/data.qi", {"body": deep})[0] == 422
        assert call("POST", f"{PROJECT}/notes/data.qi", {"body": {"n": "\ud800"}})[0] == 422
        assert call("POST", f"{PROJECT}/notes/data.qi", {"body": {"n": float("nan")}})[0] == 422
        go_online(card)


def test_without_the_token_nothing_is_read(live, api):
    with api(live(), "t") as call:
        call.token = "wrong"
        assert call("GET", "/v1/projects/app:x/events")[0] == 401
        parts = urlsplit(call.url)
        with socket.create_connection((parts.hostname, parts.port), timeout=30) as stranger:
            head = b"POST /faults HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000000\r\n\r\n"
            stranger.sendall(head)
            assert stranger.recv(100).startswith(b"HTTP/1.1 401")


def test_a_body_without_end_is_not_kept(live, api):
    with api(live()) as call:
        parts = urlsplit(call.url)
        with socket.create_connection((parts.hostname, parts.port), timeout=30) as stranger:
            stranger.sendall(b"POST /faults HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n")
            assert stranger.recv(100).startswith(b"HTTP/1.1 413")
        assert call.url.startswith("http://127.0.0.1:")
