"""web.*: HTTP through a proxy route."""

from __future__ import annotations

import base64
import json
from hashlib import md5

import pytest

from sim.notecard.codec.cobs import cobs_encode
from sim.notecard.model.outputs import Fetch, Fetched
from sim.notecard.notehub.hub import Hub
from sim.notecard.notehub.routes import Proxy

BASE = "http://127.0.0.1:9/api/"


@pytest.fixture
def online(make_desk):
    desk = make_desk(hub=Hub(proxies={"in": Proxy(BASE, {"X-Key": "k"})}))
    desk.online()
    return desk


def web(desk, status=200, body=b"", /, **members) -> tuple[Fetch, dict]:
    desk.send(json.dumps(members).encode() + b"\n")
    fetch = desk.outputs(Fetch)[-1]
    return fetch, json.loads(desk.answer(Fetched(fetch.fetch_id, status, body)).splitlines()[0])


def test_json_goes_and_json_comes(online):
    fetch, reply = web(
        online, 202, b'{"accepted":1}', req="web.post", route="in", name="/events", body={"a": [1]}
    )
    assert (fetch.method, fetch.url, fetch.body) == ("POST", BASE + "events", b'{"a":[1]}')
    assert fetch.headers == {"Content-Type": "application/json", "X-Key": "k"}
    assert reply == {"result": 202, "body": {"accepted": 1}}


def test_a_status_that_is_no_success_is_no_error(online):
    assert web(online, 503, req="web.get", route="in")[1] == {"result": 503}


def test_other_bytes_come_as_payload_with_md5(online):
    data = b"[1,2]"
    fetch, reply = web(online, 200, data, req="web.get", route="in", name="x?a=b", max=10, offset=5)
    assert fetch.url == BASE + "x?a=b&max=10&offset=5"
    assert base64.b64decode(reply["payload"]) == data
    assert reply["status"] == md5(data).hexdigest()


def test_a_payload_is_checked_against_its_md5(online):
    good = {"req": "web.put", "route": "in", "payload": "YWJj", "content": "text/plain"}
    fetch, _ = web(online, **good, status_=None)
    assert (fetch.method, fetch.body, fetch.headers["Content-Type"]) == (
        "PUT",
        b"abc",
        "text/plain",
    )
    reply = online.send(json.dumps(good | {"status": "0" * 32}).encode() + b"\n")
    assert b"{web-payload}" in reply


def test_the_store_is_sent_and_a_large_answer_fills_it(online):
    data = bytes(range(256)) * 40
    encoded = cobs_encode(data)
    online.ask("card.binary.put", cobs=len(encoded))
    online.send(encoded + b"\n")
    fetch, reply = web(
        online, 200, data[::-1], req="web.post", route="in", binary=True, content="image/jpeg"
    )
    assert fetch.body == data
    assert reply["length"] == len(data)
    assert reply["status"] == md5(data[::-1]).hexdigest() == online.ask("card.binary")["status"]


def test_fragments_are_put_together(online):
    for offset, part in ((0, b"abc"), (3, b"def")):
        encoded = cobs_encode(part)
        online.ask("card.binary.put", cobs=len(encoded))
        online.send(encoded + b"\n")
        said = (
            online.ask(
                "web.post",
                route="in",
                binary=True,
                offset=offset,
                total=6,
                content="application/octet-stream",
                status=md5(part).hexdigest(),
            )
            if offset == 0
            else online.send(
                b'{"req":"web.post","route":"in","binary":true,"offset":3,"total":6,'
                b'"content":"application/octet-stream"}\n'
            )
        )
    assert said == b""
    assert [fetch.body for fetch in online.outputs(Fetch)] == [b"abcdef"]


def test_too_large_an_answer_is_refused(online):
    assert "{too-big}" in web(online, 200, b"x" * 9000, req="web.get", route="in")[1]["err"]


def test_no_answer_in_time(online):
    assert online.send(b'{"req":"web.get","route":"in","seconds":5}\n') == b""
    assert b"{receive-timeout}" in online.wait(5)
    assert online.answer(Fetched(online.outputs(Fetch)[-1].fetch_id, 200)) == b""


def test_an_unreachable_server_and_an_unknown_route(online):
    assert "{host-unreachable}" in web(online, 0, req="web.get", route="in")[1]["err"]
    assert "route not found" in online.ask("web.get", route="other")["err"]


def test_async_answers_at_once(online):
    assert online.ask("web.post", **{"route": "in", "body": {}, "async": True}) == {}
    assert len(online.outputs(Fetch)) == 1


def test_offline_it_is_an_error_or_queued_for_a_local_file(make_desk):
    desk = make_desk(hub=Hub(proxies={"in": Proxy(BASE)}))
    assert "being online" in desk.ask("web.get", route="in")["err"]
    assert desk.ask("web.get", route="in", file="answers.dbx", note="a") == {}
    desk.online()
    (fetch,) = desk.outputs(Fetch)
    desk.answer(Fetched(fetch.fetch_id, 200, b'{"ok":true}'))
    reply = desk.ask("note.get", file="answers.dbx", note="a")
    assert reply["body"] == {"result": 200, "body": {"ok": True}}


def test_periodic_needs_on_true(make_desk):
    desk = make_desk(hub=Hub(proxies={"in": Proxy(BASE)}))
    desk.ask("hub.set", product="p:q", mode="periodic", on=True)
    desk.wait(5)
    assert desk.send(b'{"req":"web.get","route":"in"}\n') == b""


@pytest.mark.parametrize(
    "name", ["//evil.example/x", "http://evil.example", "a b\r\nX: y", "#f", "é"]
)
def test_a_name_cannot_leave_its_route(name):
    address = Proxy(BASE).address(name)
    assert address.startswith(BASE)
    assert address.isascii()
    assert not set(address) & set(" \r\n#")
