"""In real time: events reach a real web server, retried in warped time."""

from __future__ import annotations

import json

from sim.notecard.notehub.hub import Hub
from sim.notecard.notehub.routes import EventRoute
from sim.notecard.transport.realtime import load_state
from tests.patience import until
from tests.sim.notecard.rig import go_online


def test_a_failing_server_is_asked_again_until_it_takes_the_event(live, web_server):
    sink = web_server(b"", status=202, statuses=[503, 500])
    card = live(hub=Hub([EventRoute(sink.url + "/api/events", {"X-Key": "k"})]), warp=1000)
    card.receive(b'{"req":"note.add","body":{"n":1}}\n')
    go_online(card)
    until(lambda: card.notecard.hub.counts.delivered == 1)
    assert card.notecard.hub.counts.retried == 2
    assert len(set(sink.requests)) == 1
    assert {headers["X-Key"] for headers in sink.headers} == {"k"}


def test_ended_in_good_order_the_flash_has_everything(live, tmp_path):
    card = live(state_path=tmp_path / "state.json")
    card.receive(b'{"req":"note.template","file":"t.qo","body":{"n":14}}\n')
    card.receive(b'{"req":"note.add","file":"t.qo","body":{"n":5}}\n')
    assert not load_state(tmp_path / "state.json").files["t.qo"].notes, "it waits in RAM"
    card.close()
    (note,) = load_state(tmp_path / "state.json").files["t.qo"].notes.values()
    assert note.body == {"n": 5}


def test_what_is_done_to_it_gives_an_answer(live):
    card = live()
    assert card.act(lambda notecard: notecard.card.identity.sku) == "NOTE-MBGLW"
    assert card.with_hub(lambda hub: hub.default) == card.notecard.card.identity.device


def test_a_state_file_is_json_that_a_reader_understands(live, tmp_path):
    live(state_path=tmp_path / "s").receive(b'{"req":"hub.set","sn":"mower-7"}\n')
    text = (tmp_path / "s").read_text(encoding="utf-8")
    assert json.loads(text)["settings"]["hub"]["sn"] == "mower-7"
