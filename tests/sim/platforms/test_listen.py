from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
from queue import Queue
from random import Random
from urllib.parse import urlsplit

import pytest

from badge.errors import InputError
from sim.net.server import listening
from sim.platforms import blecon, listen, peridio
from sim.platforms import open as registry
from sim.platforms.kit.delivery import Delivery
from sim.platforms.kit.receiver import parse
from sim.platforms.listen import Arrival, ReceiverRules, Refusal
from sim.platforms.send import Order, plan, post
from tests.command import started
from tests.patience import PATIENCE_S
from tests.sim.platforms.cases import SECRET, SECRETS, UTC_MS


@pytest.fixture
def receiver(serve):
    """Start a receiver; gives its address and the queue of its reports."""

    def start(name="peridio", **options):
        heard = Queue()
        rules = ReceiverRules(registry.platform(name), options.pop("secrets", ()), **options)
        url = serve(listen.receiver_app(rules, heard.put, clock_ms=lambda: UTC_MS))
        return url, heard

    return start


def raw(url, body, headers=()):
    return post(Delivery(1, url, tuple(headers), body, 5.0, ()))


@pytest.mark.parametrize("name", registry.ROWS)
def test_every_type_of_every_profile_arrives(name, receiver):
    platform = registry.platform(name)
    url, heard = receiver(name, secrets=[SECRETS[name]])
    for profile in platform.profiles:
        for seed, kind in enumerate(platform.types(profile)):
            order = Order(platform, kind.name, url, (), (SECRETS[name],), profile)
            (delivery,) = plan(order, Random(f"{profile}{seed}"), UTC_MS)
            assert post(delivery).status == 200
            arrival = heard.get(timeout=PATIENCE_S)
            assert arrival.received.faults(profile) == []
            assert not arrival.duplicate


def test_a_batch_of_50_is_reported_event_by_event(receiver):
    url, heard = receiver("blecon")
    kind, ids = blecon.PLATFORM.find("config.created"), Random(1)
    events = [kind.sample(kind.name, ids, UTC_MS) for _ in range(50)]
    assert raw(url, blecon.PLATFORM.pack(events)).status == 200
    assert [heard.get(timeout=PATIENCE_S).received.event["id"] for _ in events] == [
        e.id for e in events
    ]


def test_a_request_gets_the_reply_and_others_an_empty_object(receiver):
    url, _ = receiver("blecon", reply=b"\x00\xff")
    bodies = {}
    for name in ("device.request.badge.config", "device.message.badge.batch"):
        kind = blecon.PLATFORM.find(name)
        body = blecon.PLATFORM.pack([kind.sample(name, Random(1), UTC_MS)])
        bodies[name] = json.loads(raw(url, body).body)
    assert bodies["device.request.badge.config"] == {"response_data": {"payload": "00ff"}}
    assert bodies["device.message.badge.batch"] == {}


def test_unknown_types_and_fields_pass(receiver):
    url, heard = receiver("blecon")
    assert raw(url, b'[{"type":"network.protocol_error","id":"1","new":[]}]').status == 200
    assert heard.get(timeout=PATIENCE_S).received.type == "network.protocol_error"


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 10_000])
def test_what_is_not_json_is_refused(body, receiver):
    url, heard = receiver("blecon")
    assert raw(url, body).status == 400
    assert heard.get(timeout=PATIENCE_S).status == 400


def test_a_body_that_is_too_large_is_refused(receiver):
    url, heard = receiver(body_max_bytes=1000)
    assert raw(url, b" " * 1001).status == 413
    assert heard.get(timeout=PATIENCE_S).status == 413
    assert raw(url, b"{}" + b" " * 998).status == 200


def test_a_body_that_is_cut_off_is_reported(receiver):
    url, heard = receiver()
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port)) as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    report = heard.get(timeout=PATIENCE_S)
    assert (report.status, report.why) == (400, "the body was cut off")


def test_a_sender_that_dawdles_is_answered_and_hung_up_on(receiver):
    url, heard = receiver(body_timeout_s=0.1)
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE_S) as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        answer = b"".join(iter(lambda: sock.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in answer
    assert heard.get(timeout=PATIENCE_S).status == 408


def test_only_a_post_is_taken_at_any_path(receiver):
    url, _ = receiver()
    parts = urlsplit(url)
    answers = []
    for method, path in (("GET", "/"), ("POST", "/"), ("POST", "/a/b?c=d")):
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE_S)
        connection.request(method, path, b"{}")
        answers.append(connection.getresponse().status)
        connection.close()
    assert answers == [405, 200, 200]


def test_the_terminal_hears_which_scheme_would_match_and_the_sender_does_not(receiver):
    url, heard = receiver(secrets=[SECRET])
    headers = peridio.signed_headers(b"{}", [SECRET], "ascii_key", UTC_MS)
    outcome = raw(url, b"{}", headers)
    assert (outcome.status, outcome.body) == (401, b'{"error": "not authentic"}')
    assert "--scheme ascii_key" in heard.get(timeout=PATIENCE_S).why


def test_rules_that_cannot_work_are_refused():
    for secrets, scheme in ((["abc"], None), ([SECRET], "md5")):
        with pytest.raises(InputError):
            ReceiverRules(peridio.PLATFORM, secrets, scheme)


def test_an_address_in_use_is_said_in_a_sentence():
    with (
        listening("127.0.0.1", 0) as taken,
        pytest.raises(InputError, match="choose another with --port"),
        listen.running(ReceiverRules(peridio.PLATFORM), print, port=taken.getsockname()[1]),
    ):
        pass


def arrival(event: dict, platform=peridio.PLATFORM):
    body = json.dumps(event).encode()
    return Arrival(parse(platform, body)[0], True)


def test_a_line_for_a_person_is_plain_however_hostile_the_event(capsys):
    hostile = {"type": "\x1b[2J\u202e" + "x" * 500, "prn": "\x07\n", "version": "\x1b]0;x"}
    listen.print_line(arrival(hostile))
    listen.print_line(Refusal(401, "\x1b[31m"))
    out = capsys.readouterr().out
    assert out.isascii()
    assert all(char.isprintable() or char == "\n" for char in out)
    assert max(len(line) for line in out.splitlines()) < 250


def test_a_line_says_time_type_key_and_what_departs(capsys):
    event = {"type": "device", "prn": "prn:1:o:event:e", "inserted_at": "2026-01-05T14:34:10Z"}
    listen.print_line(arrival(event | {"data": {"type": "connected", "data": {}}}))
    first, *faults = capsys.readouterr().out.splitlines()
    assert first.split() == ["14:34:10", "device.connected", "prn:1:o:event:e", "again"]
    assert any("version" in fault for fault in faults)


def test_a_line_for_a_machine_is_one_json_object(capsys):
    listen.print_json(arrival({"type": "device", "prn": "p", "data": {"type": "connected"}}))
    listen.print_json(Refusal(401, "no signature matches"))
    event, refusal = map(json.loads, capsys.readouterr().out.splitlines())
    assert (event["type"], event["duplicate"]) == ("device.connected", True)
    assert event["faults"]
    assert refusal == {"refused": 401, "why": "no signature matches"}


def test_what_is_taken_is_told_in_its_order_and_before_it_is_answered(receiver):
    url, heard = receiver("grouplink")
    kind, ids = registry.platform("grouplink").types()[0], Random(1)
    for number in range(20):
        body = registry.platform("grouplink").pack([kind.sample(kind.name, ids, UTC_MS + number)])
        assert raw(url, body).status == 200
        assert heard.get_nowait().received.utc_ms == UTC_MS + number


def test_a_delivery_that_cannot_be_told_is_not_taken():
    """A closed terminal: the sender keeps it, and is not told that all is well."""

    def full(report):
        raise BrokenPipeError(32, "Broken pipe")

    printer = listen.Printer(full)
    with listen.running(ReceiverRules(peridio.PLATFORM), printer) as served:
        answers = [raw(served.url, b"{}") for _ in range(2)]
    assert [one.status for one in answers] == [503, 503]
    assert isinstance(printer.error, BrokenPipeError)


def test_bodies_share_a_room(receiver):
    url, heard = receiver(room_bytes=1000)
    assert raw(url, b"{}" + b" " * 999).status == 503
    assert (heard.get_nowait().status, raw(url, b"{}").status) == (503, 200)


def test_a_listener_whose_reader_is_gone_ends():
    """As in `badge listen peridio | head -1`."""
    program = "from badge.cli.main import main; main()"
    command = [sys.executable, "-c", program, "listen", "peridio", "--port", "0"]
    with started(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        url = run.stderr.readline().split()[-1].decode()
        run.stdout.close()
        assert raw(url, b"{}").status == 503
        run.wait(timeout=PATIENCE_S)


@pytest.mark.parametrize("time", [10**17, 10**30, -1, True])
def test_a_year_beyond_all_hides_nothing_of_its_body(receiver, time, capsys):
    url, heard = receiver("grouplink")
    kind = registry.platform("grouplink").types()[0]
    event = kind.sample(kind.name, Random(1), UTC_MS).model_dump()
    body = json.dumps([event | {"created_at": time}, event]).encode()
    assert raw(url, body).status == 200
    for _ in range(2):
        listen.print_line(heard.get_nowait())
    assert "departs: created_at" in capsys.readouterr().out
