"""Events out: the envelope, routes, retries; and what comes back."""

from __future__ import annotations

import json

import pytest

from badge.errors import InputError
from sim.notecard.codec.arguments import RequestError
from sim.notecard.model.outputs import Fetch, Fetched
from sim.notecard.notehub.hub import Hub
from sim.notecard.notehub.routes import EventRoute, Proxy, jsonata_transform

URL = "http://127.0.0.1:9/api/events"
SECRET = "ak_very-secret"


def posts(desk) -> list[Fetch]:
    return desk.outputs(Fetch)


def send_one(desk, **note) -> None:
    desk.online()
    desk.ask("note.add", sync=True, **note)
    desk.wait(3)


def test_one_post_per_event_with_the_envelope(make_desk):
    desk = make_desk(hub=Hub([EventRoute(URL)]))
    desk.ask("hub.set", sn="north-7")
    desk.ask("card.location.mode", mode="continuous")
    send_one(desk, body={"n": 1}, payload="YQ==")
    (post,) = posts(desk)
    event = json.loads(post.body)
    assert (post.method, post.url) == ("POST", URL)
    assert event["device"] == "dev:864475046000001"
    assert event["best_id"] == event["sn"] == "north-7"
    assert event["product"] == "product:com.example:badge"
    assert event["req"] == "note.add"
    assert event["file"] == "data.qo"
    assert event["body"] == {"n": 1}
    assert event["payload"] == "YQ=="
    assert event["when"] <= event["received"]
    assert event["best_location_type"] == "gps"
    assert {"event", "session", "app", "transport", "where_lat", "tower_lat"} <= set(event)
    assert not [name for name, value in event.items() if value in ("", None)]


def test_a_note_made_before_the_card_had_the_time_has_no_when(make_desk):
    desk = make_desk(hub=Hub([EventRoute(URL)]))
    desk.ask("note.add", body={"n": 1})
    desk.online()
    assert "when" not in json.loads(posts(desk)[0].body)


def test_templated_bodies_lose_their_zeros_unless_full(make_desk):
    desk = make_desk(hub=Hub([EventRoute(URL)]))
    desk.ask("note.template", file="t.qo", body={"a": 14, "b": True, "c": "0"})
    desk.ask("note.add", file="t.qo", body={"a": 0, "b": False, "c": "x"})
    desk.ask("note.add", file="t.qo", body={"a": 0, "b": False, "c": ""}, full=True)
    desk.online()
    bodies = [json.loads(post.body)["body"] for post in posts(desk)]
    assert bodies == [{"c": "x"}, {"a": 0, "b": False, "c": ""}]


def test_three_retries_in_about_six_minutes_then_given_up(make_desk):
    desk = make_desk(hub=Hub([EventRoute(URL)]))
    send_one(desk, body={"n": 1})
    times = []
    for _ in range(4):
        times.append(desk.now_ms)
        desk.answer(Fetched(posts(desk)[-1].fetch_id, 503))
        desk.wait(181)
    desk.wait(3600)
    assert len(posts(desk)) == 4
    assert len({post.body for post in posts(desk)}) == 1
    assert desk.notecard.hub.counts.retried == 3
    assert desk.notecard.hub.counts.failed == 1
    assert desk.notecard.hub.idle


def test_the_retries_come_after_60_120_and_180_seconds(make_desk):
    desk = make_desk(hub=Hub([EventRoute(URL)]))
    send_one(desk, body={"n": 1})
    for delay_s in (60, 120, 180):
        desk.answer(Fetched(posts(desk)[-1].fetch_id, 0, reason="timed out"))
        count = len(posts(desk))
        desk.wait(delay_s - 0.1)
        assert len(posts(desk)) == count
        desk.wait(0.1)
        assert len(posts(desk)) == count + 1
    desk.answer(Fetched(posts(desk)[-1].fetch_id, 202))
    assert desk.notecard.hub.counts.delivered == 1


def test_jsonata_shapes_the_body_and_may_refuse_to_route(make_desk):
    expression = 'body.n > 1 ? $doNotRoute() : {"id": event, "items": [body.n]}'
    hub = Hub([EventRoute(URL, transform=jsonata_transform(expression, "r"))])
    desk = make_desk(hub=hub)
    desk.ask("note.add", body={"n": 1})
    desk.ask("note.add", body={"n": 2})
    desk.online()
    (post,) = posts(desk)
    assert json.loads(post.body)["items"] == [1]


def test_a_transform_that_fails_on_an_event_does_not_stop_the_others(make_desk):
    hub = Hub([EventRoute(URL, transform=jsonata_transform("body.n + 1", "r"))])
    desk = make_desk(hub=hub)
    desk.ask("note.add", body={"n": "text"})
    desk.ask("note.add", body={"n": 1})
    desk.online()
    assert [post.body for post in posts(desk)] == [b"2"]
    assert hub.counts.failed == 1


def test_what_is_no_jsonata():
    with pytest.raises(InputError, match=r"file\.txt"):
        jsonata_transform("a[", "file.txt")


def test_routes_choose_by_notefile_and_leave_system_files_out(make_desk):
    desk = make_desk(
        hub=Hub([EventRoute(URL, files=("a.qo",)), EventRoute(URL + "/all", system_files=True)])
    )
    desk.ask("note.add", file="a.qo", body={})
    desk.ask("note.add", file="b.qo", body={})
    desk.online()
    to = [post.url.removeprefix(URL) for post in posts(desk)]
    assert sorted(to) == ["", "/all", "/all", "/all"]


def test_secrets_are_in_the_post_and_nowhere_to_be_seen(make_desk):
    header = {"X-Actual-Api-Key": SECRET}
    hub = Hub([EventRoute(URL, header)], {"r": Proxy(URL, header)})
    desk = make_desk(hub=hub)
    send_one(desk, body={"n": 1})
    desk.send(b'{"req":"web.get","route":"r"}\n')
    assert [post.headers["X-Actual-Api-Key"] for post in posts(desk)] == [SECRET, SECRET]
    assert SECRET not in repr(desk.seen) + repr(hub.routes) + repr(hub.proxies)


def test_inbound_databases_and_what_is_refused(desk):
    hub = desk.notecard.hub
    hub.add_note("set.db", {"v": 1}, note_id="a")
    hub.set_env({"Rate": "5", "gone": ""})
    desk.online()
    assert desk.ask("note.get", file="set.db", note="a")["body"] == {"v": 1}
    assert desk.ask("env.get")["body"] == {"Rate": "5"}
    for file, note_id in (("a.qo", ""), ("a.qi", "x"), ("a.db", ""), ("../x.qi", "")):
        with pytest.raises(RequestError):
            hub.add_note(file, {}, note_id=note_id)


def test_the_same_run_makes_the_same_events(make_desk):
    runs = []
    for _ in range(2):
        desk = make_desk(hub=Hub([EventRoute(URL)]))
        send_one(desk, body={"n": 1})
        runs.append(list(desk.notecard.hub.events))
    assert runs[0] == runs[1]
