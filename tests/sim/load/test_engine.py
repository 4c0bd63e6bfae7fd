"""The open loop against backends that are right, slow, rude or gone."""

import json
import socket
import threading
from contextlib import suppress

import pytest

from badge.errors import InputError
from sim.load.arrivals import Arrivals, constant
from sim.net.server import held_port
from tests.sim.load.backends import answer, backend, engine


def body(request):
    return json.loads(request.partition(b"\r\n\r\n")[2])


def test_all_that_is_due_is_sent_once_and_counted():
    with backend() as one, engine(one.url) as load:
        counts = load.run(constant(100.0, 0.5))
        assert (counts.due, counts.sent, counts.answered, counts.unsent) == (50, 50, 50, 0)
        assert counts.labels == {"202": 50}
        assert counts.events == 100
        assert counts.latencies.count == 50
        keys = [(e["device_id"], e["sequence_number"]) for r in one.requests for e in body(r)]
        assert len(set(keys)) == len(keys) == 100


def test_a_ramp_sends_the_area_below_it():
    with backend() as one, engine(one.url) as load:
        assert load.run(Arrivals(50.0, 150.0, 0.5)).answered == 50


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_an_answer_in_pieces_is_one_answer(size):
    def reply(number, request):
        content = answer(more=b"X-Number: %d\r\n" % number)
        return [content[at : at + size] for at in range(0, len(content), size)]

    with backend(reply) as one, engine(one.url) as load:
        counts = load.run(constant(100.0, 0.3))
    assert set(counts.labels) == {"202"}
    assert counts.labels["202"] + counts.unsent == 30


def test_errors_are_told_apart_by_status_and_reason():
    refused = (
        b'{"accepted":1,"rejected":1,"rejected_events":[{"sequence_number":9,"reason":"old"}]}'
    )
    answers = [
        answer(),
        answer(401, b'{"error":"Invalid or missing API key"}'),
        answer(503, b"<html>"),
        answer(207, refused),
        answer(422, b'{"error":"x","code":"schema_deprecated","accepted":0}'),
    ]
    with backend(lambda n, request: [answers[n % 5]]) as one, engine(one.url) as load:
        counts = load.run(constant(100.0, 0.5))
    assert counts.labels == {
        "202": 10,
        "401 Invalid or missing API key": 10,
        "503": 10,
        "207 old": 10,
        "422 schema_deprecated": 10,
    }
    assert (counts.taken, counts.failed) == (10, 40)


def test_a_server_that_closes_after_each_answer_costs_connections_and_no_request():
    reply = [answer(more=b"Connection: close\r\n")]
    with backend(lambda n, request: reply) as one, engine(one.url) as load:
        counts = load.run(constant(100.0, 0.3))
    assert counts.labels == {"202": 30}
    assert counts.connects == 0  # those before the clock started sufficed


def test_connections_that_are_gone_are_opened_anew():
    reply = [answer(more=b"Connection: close\r\n")]
    with backend(lambda n, request: reply) as one, engine(one.url, 2) as load:
        counts = load.run(constant(100.0, 0.3))
    assert set(counts.labels) == {"202"}
    assert counts.connects >= counts.answered - 2 > 0


def test_an_answer_without_a_length_ends_with_its_connection():
    def reply(number, request):
        return Hanging([b"HTTP/1.1 202 X\r\n\r\n{}"])

    with backend(reply) as one, engine(one.url) as load:
        assert load.run(constant(50.0, 0.2)).labels == {"202": 10}


class Hanging(list):
    """Pieces, and then the connection ends."""

    def __iter__(self):
        yield from list.__iter__(self)
        raise OSError


def test_a_request_that_is_cut_off_is_told_and_the_next_go_on():
    with backend(lambda n, r: None if n % 3 == 0 else [answer()]) as one, engine(one.url) as load:
        counts = load.run(constant(100.0, 0.3))
    # a first request on a connection is told as cut, one on a connection that worked goes again
    assert (
        counts.labels["202"]
        + counts.labels.get("a connection that broke before the whole answer", 0)
        == 30
    )
    assert counts.due == 30


@pytest.mark.parametrize(
    ("content", "label"),
    [
        (b"hello\r\n\r\n", "an answer that is not HTTP"),
        (
            b"HTTP/1.1 202 X\r\nContent-Length: 9999999\r\n\r\n" + b"x" * (2 << 20),
            "an answer that is too long",
        ),
    ],
)
def test_what_is_no_answer_is_told(content, label):
    with backend(lambda n, request: [content]) as one, engine(one.url, 2) as load:
        counts = load.run(constant(20.0, 0.2))
    assert counts.labels.get(label, 0) >= 1
    assert "202" not in counts.labels


def test_latency_counts_from_the_moment_it_was_due():
    """The server holds its first answer; what falls due meanwhile has waited, and says so."""
    gate = threading.Event()

    def reply(number, request):
        if number == 1:
            gate.wait(30)
        return [answer()]

    timer = threading.Timer(0.5, gate.set)
    with backend(reply) as one, engine(one.url, 1) as load:
        timer.start()
        counts = load.run(constant(100.0, 1.0))
        timer.join()
    assert counts.due == 100
    # all of the 50 that fell due in half a second waited for the one before them
    assert counts.latencies.percentile_ms(50.0) > 0.1
    slow = counts.latencies.percentile_ms(75.0)
    assert slow > 200, "a closed loop would have hidden the wait in one slow request"


def test_what_was_due_and_never_sent_counts_as_long_as_it_waited():
    gate = threading.Event()
    with (
        backend(lambda n, r: None if gate.wait(0.6) else [answer()]) as one,
        engine(one.url, 1) as load,
    ):
        counts = load.run(constant(1000.0, 0.5))
    assert counts.due == 500
    assert counts.unsent == 499
    assert counts.latencies.count == counts.answered + counts.unsent
    assert counts.latencies.percentile_ms(50.0) > 100


def test_what_never_comes_is_late():
    gate = threading.Event()
    with backend(lambda n, r: gate.wait(30) and [answer()]) as one:
        with engine(one.url, 3, timeout_s=0.2) as load:
            counts = load.run(constant(10.0, 0.3))
        gate.set()
    assert counts.labels == {"no answer in time": 3}
    assert counts.latencies.percentile_ms(0.0) >= 200


def test_a_server_that_dies_is_told_as_no_connection():
    with backend() as one, engine(one.url, 2) as load:
        load.run(constant(50.0, 0.1))
        one.listener.shutdown(socket.SHUT_RDWR)
        for connection in one.threads:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        counts = load.run(constant(50.0, 0.3))
    assert counts.due == 15
    assert counts.taken < 15


def test_nobody_there_is_one_sentence():
    with (
        held_port() as port,
        pytest.raises(InputError, match="no connection; is the server running"),
        engine(f"http://127.0.0.1:{port}"),
    ):
        pass


def test_a_stop_ends_it_with_what_there_is():
    asked = []
    with (
        backend() as one,
        engine(one.url, 4, stopped=lambda: len(asked) > 2 or asked.append(1)) as load,
    ):
        counts = load.run(constant(100.0, 3600.0))
    assert counts.interrupted
    assert 0 < counts.answered <= counts.due < 1000
