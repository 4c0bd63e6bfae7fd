"""Causes in, posts out, in simulated time, whatever the receiver does."""

import json
from collections import Counter
from concurrent.futures import Future

import pytest

from sim.fleet.webhooks.scheduler import LEAD_MS, Scheduler
from sim.fleet.webhooks.truth import WebhookTruth
from sim.platforms import blecon, peridio
from sim.platforms.kit.cause import Cause
from sim.platforms.peridio.delivery import GIVE_UP_MS
from sim.scenario.language.platforms import Blecon, Peridio
from tests.sim.platforms.story import BADGE, START_MS, setting

SECRET = "B284A51B143841695B2D7BF3B8554731"


class Script:
    """Answers one status after the other, the last one for ever."""

    def __init__(self, *statuses):
        self._statuses, self.posted = list(statuses), []

    def post(self, delivery):
        self.posted.append(delivery)
        status = self._statuses.pop(0) if len(self._statuses) > 1 else self._statuses[0]
        answer = Future()
        answer.set_result((status, b"{}"))
        return answer


class Stage:
    def __init__(self, folder, name, words, poster, wall_ms=lambda: 0):
        make = {"peridio": peridio.PLATFORM, "blecon": blecon.PLATFORM}[name].simulation
        secret = SECRET if name == "peridio" else "X-Key: abc"
        self.truth, self.poster, self.name = WebhookTruth(folder / "out"), poster, name
        self.folder = folder
        simulations = {name: make(setting(words, secrets=(secret,)))}
        self.scheduler = Scheduler(simulations, {name: poster}, self.truth, wall_ms)

    def play(self, *causes):
        self.scheduler.begin(START_MS)
        for cause in causes:
            self.scheduler.happens(cause)
        self.scheduler.finish()
        self.truth.close()
        lines = (self.folder / "out" / f"{self.name}.headers.ndjson").read_text().splitlines()
        return [json.loads(line) for line in lines]


def key(after_s, name="Office"):
    return Cause(START_MS + after_s * 1000, "api_key", "", None, after_s, {"name": name})


def test_the_webhook_is_verified_before_the_run_begins(tmp_path):
    stage = Stage(tmp_path, "peridio", Peridio(), Script(200))
    first, second = stage.play(key(1))
    assert first["at"] == "2026-03-16T05:44:00.000Z"
    assert LEAD_MS == 60_000
    assert second["at"] == "2026-03-16T05:45:01.000Z"
    assert stage.truth.counts(["peridio"])["peridio"]["by_type"] == {
        "api_key.created": 1,
        "webhook.test_fire": 1,
    }


def test_a_receiver_that_fails_is_tried_for_three_simulated_days_and_no_longer(tmp_path):
    stage = Stage(tmp_path, "peridio", Peridio(), Script(200, 500))
    _, *attempts = stage.play(key(1))
    assert [one["attempt"] for one in attempts] == list(range(1, len(attempts) + 1))
    assert len(attempts) > 72  # hourly at the latest
    assert stage.truth.accepted("peridio") == 1  # the test fire
    first, last = attempts[0]["at"], attempts[-1]["at"]
    assert (first, last[:10]) == ("2026-03-16T05:45:01.000Z", "2026-03-19")
    assert GIVE_UP_MS == 3 * 86_400_000


@pytest.mark.parametrize("status", [500, 404, 201, None])
def test_what_failed_comes_again_and_counts_once(tmp_path, status):
    stage = Stage(tmp_path, "peridio", Peridio(), Script(200, status, status, 200))
    attempts = stage.play(key(1))
    assert [one["attempt"] for one in attempts] == [1, 1, 2, 3]
    assert stage.truth.counts(["peridio"])["peridio"]["events"] == 2
    assert stage.truth.accepted("peridio") == 2
    assert stage.truth.failed["peridio"] == 2


def test_files_carry_the_simulated_stamp_and_posts_the_real_one(tmp_path):
    real_ms = 2_000_000_000_000
    stage = Stage(tmp_path, "peridio", Peridio(), Script(200), lambda: real_ms)
    _, written = stage.play(key(1))
    posted = stage.poster.posted[1]
    assert written["headers"]["peridio-published-at"] == "2026-03-16T05:45:01Z"
    assert dict(posted.headers)["peridio-published-at"] == "2033-05-18T03:33:20Z"
    assert peridio.verify(dict(posted.headers), posted.body, [SECRET], utc_ms=real_ms)
    at_ms = START_MS + 1000
    assert peridio.verify(written["headers"], posted.body, [SECRET], utc_ms=at_ms)


def boot(after_s):
    facts = {"reason": "power_on", "firmware": "0.3.0", "last": 1}
    return Cause(START_MS + after_s * 1000, "boot", BADGE, "Ana", 1, facts, 1, 1)


def heard(after_s):
    facts = {"hotspot": "depot", "lat": 1.0, "lon": 2.0, "rssi_dbm": -60, "lasts": True}
    return Cause(START_MS + after_s * 1000, "heard", BADGE, "Ana", after_s, facts)


def test_batches_leave_after_a_second_and_a_request_at_once(tmp_path):
    stage = Stage(tmp_path, "blecon", Blecon(), Script(200))
    lines = stage.play(boot(1), heard(10), heard(100))
    times = [one["at"][17:23] for one in lines]
    sizes = [len(json.loads(one.body)) for one in stage.poster.posted]
    # joined; the request; first seen, spotted, status and the response; spotted
    assert list(zip(times, sizes, strict=True)) == [
        ("02.000", 1),
        ("10.000", 1),
        ("11.000", 4),
        ("41.000", 1),
    ]
    assert stage.truth.accepted("blecon") == 7


def test_a_receiver_that_is_gone_loses_batches_and_is_counted(tmp_path):
    stage = Stage(tmp_path, "blecon", Blecon(asks=None), Script(None))
    stage.play(boot(1), *(heard(s) for s in range(2, 60, 2)))
    counts = stage.truth.counts(["blecon"])["blecon"]
    assert stage.truth.failed["blecon"] == counts["posts"] == len(stage.poster.posted)
    assert stage.truth.accepted("blecon") == 0
    assert Counter(p.attempt for p in stage.poster.posted) == {1: counts["posts"]}
