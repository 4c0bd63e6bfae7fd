from __future__ import annotations

import json

import pytest

from sim.conformance.kit.exchange import HttpExchange
from sim.conformance.kit.session import HttpSession
from sim.conformance.kit.talk import NotAsPromisedError
from sim.net.client import Client
from tests.sim.conformance.rig import backend


@pytest.fixture
def session():
    with backend() as right, Client() as client:
        yield HttpSession(right, client)


def said(status: int, body: object) -> HttpExchange:
    return HttpExchange("POST", "http://x", {}, b"", ("K",), status, json.dumps(body))


def test_every_device_is_another_and_has_a_key(session):
    badges = [session.device() for _ in range(3)]
    assert len({badge.device_id for badge in badges}) == len({b.key for b in badges}) == 3


def test_devices_that_the_user_named_come_first(session):
    own = session.device()
    session.backend.accounts.append(own)
    assert session.device() == own
    assert session.device() != own


def test_an_expected_answer_passes(session):
    session.expect_accepted(said(202, {"accepted": 2, "rejected": 0, "rejected_events": []}), 2)
    listed = [{"sequence_number": n, "reason": "bad"} for n in (3, None)]
    body = {"accepted": 1, "rejected": 2, "rejected_events": listed}
    session.expect_partly(said(207, body), 1, [None, 3])


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (said(200, {}), "202"),
        (said(202, []), "a JSON object"),
        (said(202, {"accepted": 3, "rejected": 0, "rejected_events": []}), '"accepted":2'),
        (said(202, {"accepted": 2.0, "rejected": 0, "rejected_events": []}), '"accepted":2'),
        (said(202, {"accepted": 2, "rejected": False, "rejected_events": []}), '"rejected":0'),
    ],
)
def test_any_other_says_what_should_have_been(session, answer, expected):
    with pytest.raises(NotAsPromisedError, match=expected):
        session.expect_accepted(answer, 2)


@pytest.mark.parametrize(
    "listed",
    [
        [],
        [{"sequence_number": 3}],
        [{"sequence_number": 4, "reason": "bad"}],
        [{"sequence_number": 3, "reason": ""}],
        [3],
        None,
    ],
)
def test_a_207_names_just_the_refused_with_a_reason(session, listed):
    answer = said(207, {"accepted": 1, "rejected": 1, "rejected_events": listed})
    with pytest.raises(NotAsPromisedError, match="rejected_events"):
        session.expect_partly(answer, 1, [3])


def test_what_was_acknowledged_is_remembered_once(session):
    badge = session.device()
    from sim.conformance.kit.samples import event

    session.post(badge, [event(badge.device_id, 1), event(badge.device_id, 2, timestamp_utc="")])
    session.post(badge, [event(badge.device_id, 1, "gps")])
    kept = session.backend.acknowledged.events
    assert {key: one["event_type"] for key, one in kept.items()} == {
        (badge.device_id, 1): "upload_heartbeat"
    }
