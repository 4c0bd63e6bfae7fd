"""The ingest as the network reaches it: what it keeps, what it refuses by right, and what not."""

from __future__ import annotations

import json

import pytest

from sim.chaos.rig.ingest import CheckedIngest
from sim.engine.promises import BrokenPromiseError

DEVICE = "ACT-3F8A0000"


def events(*numbers: int, version: str = "0.1.0", **change: object) -> bytes:
    return json.dumps(
        [
            {
                "device_id": DEVICE,
                "firmware_version": version,
                "event_type": "upload_heartbeat",
                "timestamp_utc": "2026-03-14T08:32:15Z",
                "sequence_number": number,
                "payload": {},
                **change,
            }
            for number in numbers
        ]
    ).encode()


def ingest(poisoned: float = 0.0) -> CheckedIngest:
    made = CheckedIngest(7, poisoned, lambda: 0)
    made.provision(DEVICE)
    return made


def post(made: CheckedIngest, body: bytes, *, authorized: bool = True, deprecating: bool = False):
    return made.post(DEVICE, body, authorized=authorized, deprecating=deprecating).status


def test_what_is_kept_is_noted():
    made = ingest()
    assert post(made, events(1, 2)) == 202
    assert made.store.stored[DEVICE] == {1, 2}


def test_a_key_that_does_not_count_keeps_nothing_and_refuses_nobody():
    made = ingest()
    assert post(made, events(1), authorized=False) == 401
    assert (made.store.stored[DEVICE], made.refused[DEVICE]) == (set(), set())


def test_poisoned_events_are_refused_by_right_and_the_others_kept():
    made = ingest(poisoned=0.3)
    assert post(made, events(*range(1, 101))) == 207
    kept, refused = made.store.stored[DEVICE], made.refused[DEVICE]
    assert kept | refused == set(range(1, 101))
    assert 10 < len(refused) < 50
    made.heal()
    assert post(made, events(*sorted(refused))) == 202


def test_old_firmware_is_held_and_is_no_refusal():
    made = ingest()
    assert post(made, events(1), deprecating=True) == 422
    assert made.refused[DEVICE] == set()


def test_an_event_that_the_badge_made_wrong_is_the_badges_fault():
    made = ingest()
    with pytest.raises(BrokenPromiseError, match=r"contract .*event 1"):
        post(made, events(1, payload=None))
