"""In real time: events reach a real web server, retried in warped time."""

from __future__ import annotations

import time

import pytest
import urllib3

from sim.notecard.model.faults import Faults
from sim.notecard.model.link import Timing
from sim.notecard.model.outputs import Fetch, Fetched, Message
from sim.notecard.notehub.hub import Hub
from sim.notecard.notehub.routes import EventRoute
from sim.notecard.protocol.virtual import VirtualNotecard
from sim.notecard.transport.http import WebClient
from sim.notecard.transport.notehub_api import HubServer
from sim.notecard.transport.realtime import RealtimeNotecard

FAST = Timing(registration_s=0.05, session_s=0.01, sync_s=0.01)
PROJECT = "/v1/projects/app:x/devices/dev:864475046000001"


def wait_for(condition, seconds: float = 5) -> None:
    give_up_s = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_s, "it never came"
        time.sleep(0.005)


class Client:
    """Speaks to the API over loopback."""

    def __init__(self, card: RealtimeNotecard, token: str = "") -> None:
        self.server = HubServer(card, token=token)
        self.token = token
        self._pool = urllib3.PoolManager()

    def __call__(self, method: str, path: str, body=None) -> urllib3.BaseHTTPResponse:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self._pool.request(method, self.server.url + path, json=body, headers=headers)

    def close(self) -> None:
        self._pool.clear()
        self.server.close()


@pytest.fixture
def live():
    cards = []

    def start(**parts) -> RealtimeNotecard:
        warp = parts.pop("warp", 1.0)
        cards.append(RealtimeNotecard(VirtualNotecard(timing=FAST, **parts), warp=warp))
        cards[-1].run_clock()
        return cards[-1]

    yield start
    for card in cards:
        card.close()


def go_online(card: RealtimeNotecard) -> None:
    card.receive(b'{"req":"hub.set","product":"p:q","mode":"continuous","sync":true}\n')
    wait_for(lambda: card.notecard.card.sync.completed_ms is not None)


def test_a_failing_server_is_asked_again_until_it_takes_the_event(live, web_server):
    sink = web_server(b"", status=202, statuses=[503, 500])
    card = live(hub=Hub([EventRoute(sink.url + "/api/events", {"X-Key": "k"})]), warp=1000)
    card.receive(b'{"req":"note.add","body":{"n":1}}\n')
    go_online(card)
    wait_for(lambda: card.notecard.hub.counts.delivered == 1)
    assert card.notecard.hub.counts.retried == 2
    assert len(set(sink.requests)) == 1
    assert {headers["X-Key"] for headers in sink.headers} == {"k"}


def test_the_api_sends_notes_signals_and_environment_in(live):
    card = live()
    said = []
    card.deliver = lambda output: said.append(output)
    client = Client(card, token="t")
    go_online(card)
    assert client("POST", f"{PROJECT}/notes/data.qi", {"body": {"go": 1}}).status == 200
    assert client("POST", f"{PROJECT}/notes/set.db/a", {"body": {"v": 1}}).status == 200
    variables = {"environment_variables": {"rate": "5"}}
    assert client("PUT", f"{PROJECT}/environment_variables", variables).json() == variables
    wait_for(lambda: "rate" in card.notecard.card.state.env_hub)
    assert client("POST", f"{PROJECT}/signal", {"body": {"s": 1}}).json() == {"connected": True}
    card.receive(b'{"req":"note.get"}\n{"req":"env.get","name":"rate"}\n{"req":"hub.signal"}\n')
    text = b"".join(one.data for one in said if isinstance(one, Message))
    for part in (b'"go":1', b'"text":"5"', b'"s":1'):
        assert part in text
    events = client("GET", "/v1/projects/app:x/events").json()["events"]
    assert events[0]["file"] == "_session.qo"
    client.close()


def test_what_the_api_refuses(live):
    client = Client(live(faults=Faults()))
    stranger = PROJECT.replace("dev:", "dev:9")
    assert client("POST", f"{PROJECT}/notes/data.qo", {"body": {}}).status == 400
    assert client("POST", f"{stranger}/notes/a.qi", {}).status == 404
    assert client("POST", f"{PROJECT}/notes/data.qi", {"body": 5}).status == 422
    assert client("POST", "/faults", {"kind": "rain"}).status == 400
    assert client("POST", "/faults", {"kind": "slow", "times": 2}).json() == {}
    assert client("POST", f"{PROJECT}/signal", {"body": {}}).json() == {"connected": False}
    client.close()


def test_without_the_token_nothing_is_answered_and_only_loopback_listens(live):
    client = Client(live(), token="t")
    client.token = "wrong"
    assert client("GET", "/v1/projects/app:x/events").status == 401
    assert client.server.url.startswith("http://127.0.0.1:")
    client.close()


def test_the_web_client_never_raises(web_server):
    found: list[Fetched] = []
    client = WebClient(found.append)
    sink = web_server(b"x" * 300_000)
    for number, url in enumerate([sink.url, "http://127.0.0.1:1/", "http://[", "nonsense://x"]):
        client.submit(Fetch(number, "GET", url, b"", 2.0))
    wait_for(lambda: len(found) == 4)
    client.close()
    answers = sorted(found, key=lambda answer: answer.fetch_id)
    assert [answer.status for answer in answers] == [200, 0, 0, 0]
    assert answers[1].reason == "no connection"
    assert len(answers[0].body) < 270_000
