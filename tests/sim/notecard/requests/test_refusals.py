"""Every documented parameter acts or is refused: none is accepted and ignored."""

from __future__ import annotations

import json

import pytest

from sim.notecard.model.identity import Identity
from sim.notecard.model.outputs import Fetch, Fetched
from sim.notecard.notehub.hub import Hub
from sim.notecard.notehub.routes import Proxy
from sim.notecard.requests.refusals import REFUSED
from tests.sim.notecard.conftest import Desk
from tests.sim.notecard.requests import rig, story_card, story_rest
from tests.sim.notecard.requests.story import Example

EXAMPLES = story_card.EXAMPLES | story_rest.EXAMPLES
GETTERS = (
    "card.attn",
    "card.aux",
    "card.aux.serial",
    "card.binary",
    "card.contact",
    "card.location.mode",
    "card.location",
    "card.motion",
    "card.status",
    "card.temp",
    "card.transport",
    "card.triangulate",
    "card.usage.get",
    "card.voltage",
    "card.wireless",
    "card.wireless.penalty",
    "dfu.status",
    "env.get",
    "file.changes",
    "file.changes.pending",
    "hub.get",
    "hub.sync.status",
    "hub.signal",
    "ntn.gps",
)


class NotedDesk(Desk):
    """A desk that writes down whatever an onlooker could."""

    def __init__(self, **parts):
        super().__init__(**parts)
        self.log: list[str] = []

    def note(self, what) -> None:
        self.log.append(str(what))

    def do(self, step) -> None:
        if callable(step):
            step(self)
        elif isinstance(step, dict):
            self.answer_all(self.send(json.dumps(step).encode() + b"\n"))
        else:
            self.answer_all(self.wait(step))

    def answer_all(self, data: bytes) -> None:
        """A proxy answers, but for one slow path, which never does."""
        self.note(data)
        for fetch in [one for one in self.outputs(Fetch) if id(one) not in self._met]:
            self._met.add(id(fetch))
            self.note((fetch.method, fetch.url, fetch.body, fetch.headers, fetch.timeout_s))
            if "/slow" not in fetch.url:
                answer = Fetched(fetch.fetch_id, 200, b'{"temp":75}', "application/json")
                self.note(self.answer(answer))

    _met: set[int] = set()  # noqa: RUF012  # of all tests


def told(name: str, example: Example, members: dict) -> list[str]:
    """All that can be seen of a card to which one request is made, in one of two ways."""
    desk = NotedDesk(
        hub=Hub(proxies={"api": Proxy("http://127.0.0.1:9/")}),
        identity=Identity(sku=story_card.SKUS.get(name, "NOTE-MBGLW")),
    )
    desk._met = set()
    desk.ask("hub.set", product="p:q", mode="continuous")
    if name in story_card.SKUS:
        desk.notecard.attached.access_points = {"s": "p"}
        desk.ask("card.wifi", ssid="s", password="p")
    desk.wait(10)
    for step in example.first:
        desk.do(step)
    desk.log.clear()
    desk.seen.clear()
    desk.do({"req": name} | members)
    for step in (2, *example.then):
        desk.do(step)
    tour(desk)
    known = desk.notecard.hub.project.devices.get(desk.notecard.card.identity.device)
    events = [{k: v for k, v in e.items() if k != "event"} for e in desk.notecard.hub.events]
    last = known.last if known else None
    seen = [str(one) for one in desk.seen if getattr(one, "kind", "") != "request"]
    return [*desk.log, *seen, *map(str, events), str(last and last.host)]


def tour(desk: NotedDesk) -> None:
    """A little of everything happens, and everything is asked for."""
    notecard = desk.notecard
    notecard.world.moving = True
    desk.do(3)
    notecard.world.moving = False
    notecard.hub.set_env({"rate": "9"})
    desk.do({"req": "hub.sync"})
    desk.do(5)
    notecard.hub.send_signal({"n": 7})
    desk.do(2)
    desk.do(100)  # a request that waits has had its time
    for name in GETTERS:
        desk.do({"req": name})


def cases() -> list:
    return [
        pytest.param(name, parameter, id=f"{name}-{parameter}")
        for name, examples in EXAMPLES.items()
        for parameter in examples
    ]


@pytest.mark.parametrize(("name", "parameter"), cases())
def test_it_acts(name, parameter):
    example = EXAMPLES[name][parameter]
    given = told(name, example, example.others | {parameter: example.value})
    without = {key: value for key, value in example.others.items() if key != parameter}
    assert given != told(name, example, without)


def test_the_same_request_twice_shows_the_same():
    """Otherwise the test above would pass for anything."""
    for name, parameter in (("card.attn", "mode"), ("web.post", "payload"), ("note.add", "note")):
        example = EXAMPLES[name][parameter]
        members = example.others | {parameter: example.value}
        assert told(name, example, members) == told(name, example, members)


def test_an_undocumented_parameter_makes_no_difference():
    example = Example(True)
    assert told("hub.get", example, {"telepathy": True}) == told("hub.get", example, {})


@pytest.mark.parametrize(
    ("name", "parameter"), [(name, one) for name, listed in REFUSED.items() for one in listed]
)
def test_it_is_refused_with_a_reason(desk, name, parameter):
    given = {"details": {"deveui": "00"}, "name": "rate", "key": "env"}.get(parameter, True)
    reply = desk.ask(name, **{parameter: given})
    assert reply["err"] == f"{parameter}: {REFUSED[name][parameter]} {{not-supported}}"


@pytest.mark.skipif(not rig.FOLDER.exists(), reason="the published schema is not here")
def test_no_documented_parameter_is_forgotten():
    documented = {(name, one) for name in rig.names() for one in rig.parameters(name)}
    acting = {(name, one) for name, examples in EXAMPLES.items() for one in examples}
    refused = {(name, one) for name, listed in REFUSED.items() for one in listed}
    assert not acting & refused
    assert documented == acting | refused
