"""Several cards behind one Notehub, over a real socket."""

from __future__ import annotations

import json

import pytest

from badge.errors import InputError
from sim.notecard.model.identity import Identity, device_uid
from sim.notecard.model.outputs import Message
from sim.notecard.notehub.hub import Hub
from sim.notecard.notehub.routes import Proxy
from sim.notecard.transport.hub_link import HubLink
from sim.notecard.transport.hub_server import launch_hub
from tests.patience import until
from tests.sim.notecard.rig import go_online


@pytest.fixture
def hub(tmp_path, web_server):
    proxies = {"api": Proxy(web_server(b'{"temp":75}').url)}
    with launch_hub(Hub(proxies=proxies), tmp_path / "hub") as running:
        yield running


@pytest.fixture
def card(live, hub, tmp_path):
    links = []

    def start(number: int):
        links.append(HubLink(tmp_path / "hub"))
        one = live(link=links[-1], identity=Identity(device=device_uid(number)), seed=number)
        links[-1].act = lambda do: one.act(lambda _: do())
        one.said = []
        one.deliver = one.said.append
        return one

    yield start
    for link in links:
        link.close()


def answers(card) -> list[dict]:
    return [json.loads(one.data) for one in card.said if isinstance(one, Message)]


def test_each_card_is_a_device_with_events_of_its_own(hub, card):
    for number in (1, 2):
        one = card(number)
        one.receive(b'{"req":"note.add","body":{"n":%d}}\n' % number)
        go_online(one)
    found = hub.with_hub(lambda h: [(e["device"], e.get("body")) for e in h.events])
    assert (device_uid(1), {"n": 1}) in found
    assert (device_uid(2), {"n": 2}) in found
    ids = hub.with_hub(lambda h: [e["event"] for e in h.events])
    assert len(ids) == len(set(ids)) == 4


def test_what_waits_and_what_is_signalled_reaches_the_right_card(hub, card):
    first, second = card(1), card(2)
    go_online(first)
    go_online(second)
    hub.with_hub(lambda h: h.add_note("data.qi", {"go": 2}, device=device_uid(2)))
    until(lambda: "data.qi" in second.notecard.card.state.files)
    assert "data.qi" not in first.notecard.card.state.files
    assert hub.with_hub(lambda h: h.send_signal({"s": 1}, device=device_uid(1)))
    until(lambda: first.notecard.card.session.signals)
    assert not second.notecard.card.session.signals


def test_a_proxy_route_answers_through_it(card):
    one = card(1)
    go_online(one)
    one.receive(b'{"req":"web.get","route":"api"}\n')
    until(lambda: {"result": 200, "body": {"temp": 75}} in answers(one))


def test_a_notehub_that_goes_loses_no_note_and_is_found_again(card, hub, tmp_path, live):
    one = card(1)
    go_online(one)
    hub_socket = tmp_path / "hub"
    hub_socket.unlink()
    one.notecard.card.hub.close()
    one.receive(b'{"req":"note.add","body":{"n":1},"sync":true}\n')
    until(lambda: one.notecard.card.session.error)
    assert one.notecard.card.files.waiting()
    with launch_hub(Hub(), hub_socket) as again:
        one.receive(b'{"req":"hub.sync","allow":true}\n')
        until(lambda: not one.notecard.card.files.waiting())
        assert {"n": 1} in again.with_hub(lambda h: [e.get("body") for e in h.events])


def test_a_socket_that_lives_is_not_taken_and_one_that_is_nobodys_is(hub, tmp_path):
    with (
        pytest.raises(InputError, match="somebody answers"),
        launch_hub(Hub(), tmp_path / "hub"),
    ):
        pass
    with pytest.raises(InputError, match="badge notehub"):
        HubLink(tmp_path / "none")
