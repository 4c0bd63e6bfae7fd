"""One badge has one batch under way; the order of each is kept at any speed."""

import asyncio
import json

import pytest

from sim.fleet.upload import backend
from sim.fleet.upload.backend import Target
from sim.net.url import endpoint
from sim.traffic.batches import Rewriting, Spool
from sim.traffic.send import Sending
from tests.sim.net.hostile import hostile
from tests.sim.traffic.story import watched


def bodies(device, count):
    head = {"device_id": device, "timestamp_utc": "2026-03-14T08:00:00Z", "payload": {}}
    return [json.dumps([{**head, "sequence_number": n}]).encode() for n in range(1, count + 1)]


def send(tmp_path, url, *, speed=None, step_ms=1000, keys=None, devices=4, count=5):
    with Spool() as spool:
        batches = [
            spool.keep(n * step_ms, body, "x")
            for n in range(count)
            for body in [bodies(f"ACT-0000000{d}", count)[n] for d in range(devices)]
        ]
        target = Target(endpoint(url), keys or {}, 0.2)
        job = Sending(batches, spool, Rewriting(), target, "t", speed, tmp_path / "answers")
        return asyncio.run(asyncio.wait_for(job.run(), 60.0))


def per_device(server):
    found = {}
    for (event,) in server.batches:
        found.setdefault(event["device_id"], []).append(event["sequence_number"])
    return found


@pytest.mark.parametrize("speed", [None, 1000.0])
def test_every_badge_keeps_its_order(tmp_path, speed):
    with watched() as server:
        counts = send(tmp_path, server.url, speed=speed)
        assert per_device(server) == {f"ACT-0000000{d}": [1, 2, 3, 4, 5] for d in range(4)}
    assert (counts.batches, counts.taken, counts.answers) == (20, 20, {"202": 20})


def test_each_device_has_its_key(tmp_path):
    with watched() as server:
        send(tmp_path, server.url, keys={f"ACT-0000000{d}": f"ak_{d}" for d in range(4)}, count=1)
        assert {
            b[0]["device_id"][-1]: k for b, k in zip(server.batches, server.keys, strict=True)
        } == {str(d): f"ak_{d}" for d in range(4)}


def test_what_was_answered_is_not_sent_again(tmp_path):
    with watched() as server:
        send(tmp_path, server.url)
        again = send(tmp_path, server.url)
        assert len(server.batches) == 20
    assert again.batches == 20


def test_refusals_are_counted_by_their_status(tmp_path):
    def answer(number, events):
        refused = [{"sequence_number": events[0]["sequence_number"], "reason": "no"}]
        return [(202, {}), (401, {}), (207, {"rejected": 1, "rejected_events": refused})][
            number % 3
        ]

    with watched(answer) as server:
        counts = send(tmp_path, server.url, keys={"": "ak_x"}, devices=1, count=6)
    assert counts.answers == {"202": 2, "401": 2, "207": 2}
    assert (counts.taken, counts.rejected) == (2, 2)


def test_a_server_that_is_away_ends_in_a_sentence(tmp_path):
    with watched() as server:
        url = server.url
    counts = send(tmp_path, url)
    assert "no connection" in counts.trouble
    assert counts.batches == 0


@pytest.mark.parametrize("speed", [None, 1000.0])
def test_a_server_that_takes_and_never_answers_is_given_up_when_it_was_said(
    tmp_path, monkeypatch, speed
):
    monkeypatch.setattr(backend, "LEAST_TRY_S", 0.05)
    with hostile("never answers") as silent:
        counts = send(tmp_path, silent.url, speed=speed)
    assert "no answer in time for 0.2 s" in counts.trouble
    assert counts.batches == 0
