"""What happens on the wire beyond one request and its answer."""

from __future__ import annotations

import json
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.notecard.codec.cobs import cobs_encode
from sim.notecard.model.faults import parse_faults
from sim.notecard.model.outputs import Dropped, Fetch, Fetched, Message, Traced
from sim.notecard.notehub.hub import Hub
from sim.notecard.notehub.routes import Proxy
from sim.notecard.protocol.virtual import VirtualNotecard
from tests.strategies import unhurried


def signed(name: str, sequence: int, **members) -> bytes:
    text = json.dumps({"req": name} | members, separators=(",", ":"))[:-1]
    return f'{text},"crc":"{sequence:04x}:{crc32((text + "}").encode()):08x}"}}\n'.encode()


def test_a_repeated_request_is_answered_from_memory_and_counts_once(desk):
    request = signed("note.add", 5, body={"n": 1})
    first = desk.send(request)
    assert desk.send(b"\n") == b"\r\n"  # clients reset before they repeat
    assert desk.send(request) == first
    assert desk.ask("file.stats")["total"] == 1


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b'[{"n":1}]', 'good: [{"n":1}]'),
        (b"\xff\x00", "good"),
        (b"two\nlines", "good"),
        (b"a" * 5000, "good: " + "a" * 4000 + "… and 1000 more"),
    ],
)
def test_a_trace_tells_what_text_the_binary_store_holds(desk, content, shown):
    encoded = cobs_encode(content)
    desk.send(b'{"req":"card.binary.put","cobs":%d}\n' % len(encoded))
    outputs = desk.notecard.receive(encoded + b"\n", desk.now_ms)
    (told,) = [one.text for one in outputs if isinstance(one, Traced) and one.kind == "binary"]
    assert told == f"{len(encoded)} encoded bytes received: {shown}"


def test_after_ten_seconds_the_same_bytes_are_a_new_request(desk):
    request = signed("note.add", 0, body={"n": 1})
    desk.send(request)
    desk.wait(10.1)
    assert b'"total":2' in desk.send(request)


def test_only_the_last_request_is_remembered(desk):
    request = signed("note.add", 0, body={"n": 1})
    desk.send(request)
    desk.send(signed("hub.get", 1))
    assert b'"total":2' in desk.send(request)


def test_without_crc_nothing_is_a_repetition(desk):
    desk.send(b'{"req":"note.add"}\n')
    assert b'"total":2' in desk.send(b'{"req":"note.add"}\n')


def test_a_repetition_in_progress_is_swallowed(make_desk):
    desk = make_desk(faults=parse_faults(("slow:3000",)))
    request = signed("echo", 1, text="x")
    assert desk.send(request) == b""
    assert desk.send(request) == b""
    assert desk.send(b"\n") == b"\r\n"
    assert desk.wait(3).count(b'"text":"x"') == 1
    assert desk.wait(60) == b""


def test_a_new_request_voids_the_one_in_progress(make_desk):
    desk = make_desk(faults=parse_faults(("slow:3000",)))
    desk.send(signed("echo", 1, text="old"))
    desk.send(signed("echo", 2, text="new"))
    said = desk.wait(10)
    assert b"new" in said
    assert b"old" not in said


def test_a_command_voids_it_too(make_desk):
    desk = make_desk(faults=parse_faults(("slow:3000",)))
    desk.send(signed("echo", 1, text="old"))
    desk.send(b'{"cmd":"hub.get"}\n')
    assert desk.wait(10) == b""


def test_a_request_given_up_takes_nothing_with_it(desk):
    desk.online()
    desk.send(b'{"req":"hub.signal","seconds":60}\n')
    desk.ask("hub.get")
    desk.notecard.hub.send_signal({"n": 1})
    desk.wait(2)
    assert desk.ask("hub.signal")["body"] == {"n": 1}


def test_heartbeats_carry_the_crc_and_end_with_the_answer(make_desk):
    hub = Hub(proxies={"r": Proxy("http://127.0.0.1:1")})
    desk = make_desk(hub=hub, faults=parse_faults(("heartbeat:1000",)))
    desk.send(b'{"cmd":"hub.set","product":"p:q","mode":"continuous"}\n')
    desk.wait(10)
    said = desk.send(signed("web.get", 9, route="r"))
    said += desk.send(signed("web.get", 9, route="r"))  # note-python's defect: it sends again
    said += desk.wait(2.5)
    fetch = desk.outputs(Fetch)[-1]
    said += desk.answer(Fetched(fetch.fetch_id, 204))
    lines = [json.loads(line) for line in said.splitlines()]
    assert len(desk.outputs(Fetch)) == 1
    assert [("{heartbeat}" in line.get("err", "")) for line in lines] == [True, True, True, False]
    assert lines[-1]["result"] == 204
    assert {line["crc"][:5] for line in lines} == {"0009:"}
    assert desk.wait(60) == b""


def test_each_message_stands_alone_for_the_sake_of_i2c(desk):
    encoded = b"\x0c" + b"a" + b"\x0b"  # not decoded here: its length is wrong
    desk.send(b'{"req":"card.binary.put","cobs":2}\n' + encoded + b"\n")
    outputs = desk.notecard.receive(b'{"req":"card.binary.get"}\n', desk.now_ms)
    assert [type(one) for one in outputs[:2]] != [Message, Message]
    desk.ask("card.binary", reset=True)
    outputs = desk.notecard.receive(b'{"req":"card.binary.get"}\n', desk.now_ms)
    messages = [one.data for one in outputs if isinstance(one, Message)]
    assert len(messages) == 2
    assert json.loads(messages[0])["cobs"] == len(messages[1]) - 1
    assert any(isinstance(one, Dropped) for one in outputs)


def test_a_restart_is_answered_and_then_dark_for_a_while(desk):
    assert desk.send(b'{"req":"card.restart"}\n') == b"{}\r\n"
    desk.wait(0.2)
    assert desk.send(b"\n") == b""
    desk.wait(3)
    assert desk.send(b"\n") == b"\r\n"


def test_firmware_without_crc_ignores_it(make_desk):
    desk = make_desk(faults=parse_faults(("no-crc",)))
    assert desk.send(b'{"req":"echo","text":"x","crc":"0000:00000000"}\n') == b'{"text":"x"}\r\n'


@unhurried
@given(st.binary(max_size=400))
def test_any_bytes_leave_a_card_that_answers(noise):
    notecard = VirtualNotecard()
    notecard.receive(noise + b"\n\n", 0)
    outputs = notecard.receive(b'{"req":"card.binary","delete":true}\n{"req":"echo"}\n', 5)
    assert Message(b"{}\r\n") in outputs


@unhurried
@given(
    st.sampled_from(sorted(VirtualNotecard().card.requests)),
    st.dictionaries(
        st.sampled_from(
            [
                "file",
                "note",
                "body",
                "payload",
                "mode",
                "seconds",
                "count",
                "offset",
                "length",
                "cobs",
                "name",
                "text",
                "start",
                "stop",
                "delete",
                "tracker",
                "max",
                "hours",
                "minutes",
                "lat",
                "lon",
                "route",
                "method",
                "status",
                "files",
                "names",
                "value",
                "total",
                "format",
                "port",
                "sync",
                "time",
                "i2c",
            ]
        ),
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(-(2**40), 2**40),
            st.floats(),
            st.sampled_from(["", "-", "?", "a.qo", "a.db", "a.qi", "data.dbx", "YQ==", "periodic"]),
            st.just({"a": 1}),
            st.just(10**4000),
            st.just({"a": "9" * 5000, "b": [[[1]]]}),
            st.just(["a.qo"]),
        ),
        max_size=5,
    ),
)
def test_no_request_whatever_its_arguments_is_a_crash(name, members):
    notecard = VirtualNotecard()
    notecard.receive(b'{"req":"note.add","file":"a.db","note":"a"}\n', 0)
    notecard.receive(b'{"req":"note.template","file":"a.qo","body":{"a":11}}\n', 0)
    notecard.receive(b'{"req":"card.location.mode","mode":"fixed","lat":1,"lon":2}\n', 0)
    line = json.dumps({"req": name, "id": 1} | members).encode()
    outputs = notecard.receive(line + b"\n", 10)
    outputs += notecard.advance(100_000)
    lines = [one.data for one in outputs if isinstance(one, Message)]
    if lines:
        assert isinstance(json.loads(lines[0]), dict)


@pytest.mark.parametrize("depth", [65, 400, 900, 10_000])
def test_deep_nesting_is_an_error_not_a_crash(desk, depth):
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        nested = opening * depth + b"1" + closing * depth
        assert b"{io}" in desk.send(b'{"req":"note.template","body":{"a":' + nested + b"}}\n")


def test_half_a_surrogate_pair_is_no_json_and_a_whole_one_is(desk):
    assert b"{io}" in desk.send(b'{"req":"echo","text":"\\ud800"}\n')
    whole = '{"text":"\U0001f41c"}\r\n'.encode()
    assert desk.send(b'{"req":"echo","text":"\\ud83d\\udc1c"}\n') == whole
