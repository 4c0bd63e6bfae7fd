import pytest

from badge.effects import Upload
from badge.inputs import UploadAnswer
from sim.engine.clock import Clock
from sim.engine.streams import stream
from sim.fleet.field.faults import FaultsOnTheWay
from sim.fleet.field.store import TruthStore
from sim.fleet.field.uplink import FieldUplink
from sim.fleet.upload.backend import ModelBackend, Reply
from sim.world.coverage import NO_LINK, Link

GOOD, POOR = Link(-80, 4), Link(-112, 1)


class Later:
    def __init__(self):
        self.replies = []

    def post(self, device_id, upload):
        self.replies.append(Reply())
        return self.replies[-1]


class Wire:
    def __init__(self, link=GOOD, backend=None):
        self.clock, self.number, self.link, self.modem_ms = Clock(), 0, link, []
        self.answers = []
        self.uplink = FieldUplink(
            self.clock,
            TruthStore(self.clock),
            backend or ModelBackend(None),
            "ACT-00000001",
            self.draw,
            lambda: self.link,
            self.modem_ms.append,
        )

    def draw(self):
        self.number += 1
        return stream(5, "wire", self.number)

    def send(self, first=1, last=1):
        self.uplink.send(Upload(1, b"[]", last - first + 1, first, last), self.answers.append)


def test_an_answer_comes_after_registration_and_the_exchange():
    wire = Wire()
    wire.send()
    while wire.clock.step():
        pass
    assert [answer.status for answer in wire.answers] == [202]
    first_ms = wire.clock.now_ms
    assert first_ms == wire.modem_ms[0] > 5_000
    wire.send(2, 2)
    while wire.clock.step():
        pass
    assert wire.clock.now_ms - first_ms < 1_500  # still connected


def test_without_network_nothing_comes_back_and_a_second_try_is_a_retry():
    wire = Wire(NO_LINK)
    wire.send()
    wire.send(1, 3)
    assert wire.clock.next_ms is None
    assert wire.uplink.counts == {"uploads": 2, "no_network": 2, "retries": 1}


def test_a_poor_link_loses_requests_and_answers():
    wire = Wire(POOR)
    for number in range(1, 401):
        wire.send(number, number)
    counts = wire.uplink.counts
    assert counts["lost_requests"] > 5
    assert counts["lost_answers"] > 5
    assert counts["answered_202"] == 400 - counts["lost_requests"]


def test_a_due_answer_that_is_not_there_stops_the_badge_until_it_is():
    backend = Later()
    wire = Wire(backend=backend)
    wire.send()
    while wire.clock.step():
        pass
    assert wire.uplink.waiting is backend.replies[0]
    assert wire.answers == []
    backend.replies[0].resolve(UploadAnswer(1, 202))
    assert wire.uplink.waiting is None
    assert wire.answers == [UploadAnswer(1, 202)]


def test_with_a_clock_on_the_wall_it_is_late_instead():
    backend, late = Later(), []
    wire = Wire(backend=backend)
    wire.uplink.late = lambda call: (late.append(call), 0)[1]
    wire.send()
    while wire.clock.step():
        pass
    assert wire.uplink.waiting is None
    backend.replies[0].resolve(UploadAnswer(1, 503))
    assert wire.answers == []
    late[0]()
    assert wire.answers[0].status == 503
    assert wire.uplink.counts["late_answers"] == 1


def test_an_answer_that_was_late_is_given_again_at_the_moment_it_was_given():
    given, backend, late = [], Later(), []
    wire = Wire(backend=backend)
    wire.uplink.late = lambda call: (late.append(call), 90_000)[1]
    wire.send()
    wire.clock.step()
    (reply,) = backend.replies
    reply.given_late = given.append
    reply.resolve(UploadAnswer(1, 202))
    assert given == [90_000]

    class Known:
        def post(self, device_id, upload):
            known = Reply(UploadAnswer(upload.request, 202))
            known.late_ms = given[0]
            return known

    again = Wire(backend=Known())
    again.send()
    again.clock.step()
    assert not again.answers
    again.clock.step()
    assert (again.clock.now_ms, [one.status for one in again.answers]) == (90_000, [202])
    assert again.uplink.counts == wire.uplink.counts


def test_a_jammed_badge_reaches_nobody():
    wire = Wire()
    wire.uplink.jammed = lambda: True
    wire.send()
    assert wire.clock.next_ms is None


class Posted:
    """A backend that keeps what it was sent, and says 202."""

    def __init__(self):
        self.bodies = []

    def post(self, device_id, upload):
        self.bodies.append(upload.body)
        return Reply(UploadAnswer(upload.request, 202))


@pytest.mark.parametrize(
    ("fault", "bodies", "heard", "accepted"),
    [
        ("lose-answer", [b"[1,2]"], [], 2),
        ("duplicate", [b"[1,2]", b"[1,2]"], [202], 2),
        ("corrupt", [b"[1\xff2]"], [], 0),
        ("late", [b"[1,2]"], [], 2),
        ("reorder", [b"[2,1]"], [202], 2),
    ],
)
def test_a_fault_on_the_way_is_counted_and_what_arrived_is_known(fault, bodies, heard, accepted):
    wire = Wire(backend=(backend := Posted()))
    wire.uplink.faults = FaultsOnTheWay({fault: 1.0}, 1)
    wire.uplink.send(Upload(1, b"[1,2]", 2, 1, 2), wire.answers.append)
    if fault == "late":
        assert backend.bodies == []
    while wire.clock.step():
        pass
    assert backend.bodies == bodies
    assert [answer.status for answer in wire.answers] == heard
    assert wire.uplink.counts[f"fault_{fault}"] == 1
    assert wire.uplink.counts["accepted"] == accepted
    assert wire.uplink.under_way == 0
