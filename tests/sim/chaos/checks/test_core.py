"""What a backend and the wires see of a core is enough to find these promises broken."""

from __future__ import annotations

import pytest
from pydantic_core import to_json

from badge.config import BadgeConfig
from badge.effects import Logged, Notice, Upload
from badge.entry import Entry
from badge.storage.store import Queue
from sim.chaos.checks.core import CoreChecks, CorePatience
from sim.engine.promises import BrokenPromiseError

DEVICE = "ACT-00000001"
CONFIG = BadgeConfig(device_id=DEVICE)


def entry(number, *, unix_ms=1_773_000_000_000, payload=None):
    return Entry(number, "upload_heartbeat", payload or {}, "0.1.0", number * 1000, unix_ms)


def checks():
    return CoreChecks(DEVICE, set(), set())


def upload(*entries):
    body = to_json([one.event(DEVICE) for one in entries])
    numbers = [one.sequence_number for one in entries]
    return Upload(1, body, len(entries), numbers[0], numbers[-1])


def sent(known, *entries):
    CorePatience(known).upload(upload(*entries), 0, Queue(), CONFIG)


def logged(known, *entries):
    known.begins([Logged(one) for one in entries])
    for one in entries:
        known.logged(one)


def test_what_was_logged_may_leave_in_order():
    known = checks()
    logged(known, entry(1), entry(2))
    sent(known, entry(1), entry(2))


def test_what_a_cut_had_hidden_becomes_known_when_it_leaves():
    known = checks()
    known.begins([Logged(entry(1))])
    sent(known, entry(1))
    known.settle()
    assert list(known.alive) == [1]


@pytest.mark.parametrize(
    ("promise", "step"),
    [
        ("contract", lambda known: known.logged(entry(3, unix_ms=None))),
        ("J1", lambda known: known.logged(entry(1))),
        ("J3", lambda known: sent(known, entry(1, payload={"changed": 1}))),
        ("J8", lambda known: sent(known, entry(9))),
        ("order", lambda known: sent(known, entry(2), entry(1))),
        ("order", lambda known: sent(known, entry(1), entry(1))),
    ],
)
def test_a_broken_promise_is_named(promise, step):
    known = checks()
    logged(known, entry(1), entry(2))
    with pytest.raises(BrokenPromiseError) as caught:
        step(known)
    assert caught.value.promise == promise


def test_what_is_stored_refused_or_told_to_be_given_up_is_accounted_for():
    known = CoreChecks(DEVICE, {1}, {2})
    logged(known, *(entry(number) for number in (1, 2, 3, 4)))
    known.begins([Notice("overflow", "queue full", (3,))])
    known.settle()
    assert list(known.alive) == [4]
