from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.errors import InputError, MisuseError
from sim.platforms import peridio
from sim.platforms.kit.receiver import Seen
from sim.platforms.peridio import Device, Emitter, Policy, Webhook
from sim.platforms.peridio.delivery import GIVE_UP_MS
from tests.sim.platforms.cases import SECRET, UTC_MS

ORGANIZATION = "4e33149b-637d-4679-b64f-4905e7a0cf8c"
OTHER = "C4FE345F29EF6156BD40B6DF73625243"
URL = "https://backend.example/hook"


class Cloud:
    """A webhook, its emitter, and a hand on the clock."""

    def __init__(self, *, seed: int = 1, enabled: bool = True, **options) -> None:
        self.emit = Emitter(Random(seed), ORGANIZATION)
        self.webhook = Webhook(URL, SECRET, self.emit, Random(seed), **options)
        self.device = Device(self.emit.prn("device"), "SN1337")
        self.now = UTC_MS
        if enabled:
            self.webhook.enable(self.now)
            self.answer(200)
            self.webhook.delivered.clear()

    def publish(self) -> str:
        event = self.emit.connected(self.device, utc_ms=self.now)
        assert self.webhook.publish(event, self.now)
        return event.prn

    def answer(self, *statuses):
        attempts = self.webhook.due(self.now)
        assert len(attempts) == len(statuses)
        for attempt, status in zip(attempts, statuses, strict=True):
            self.webhook.answered(attempt, status, self.now)
        return attempts

    def wait(self) -> None:
        self.now = max(self.now, self.webhook.next_deadline_ms)


def sub_type(delivery):
    return json.loads(delivery.body)["data"]["type"]


def test_the_url_is_verified_by_a_test_fire_before_anything_else():
    cloud = Cloud(enabled=False, enabled_events=["device.connected"])
    event = cloud.emit.connected(cloud.device, utc_ms=UTC_MS)
    assert not cloud.webhook.publish(event, UTC_MS)
    cloud.webhook.enable(UTC_MS)
    assert cloud.webhook.state == "verifying"
    assert not cloud.webhook.publish(event, UTC_MS)
    (fire,) = cloud.answer(200)
    assert sub_type(fire) == "test_fire"
    assert peridio.verify(dict(fire.headers), fire.body, [SECRET], utc_ms=UTC_MS)
    assert cloud.webhook.state == "enabled"
    assert cloud.webhook.publish(event, UTC_MS)


@pytest.mark.parametrize("status", [None, 201, 204, 302, 401, 500])
def test_anything_but_200_fails_the_verification_and_is_not_retried(status):
    cloud = Cloud(enabled=False)
    cloud.webhook.enable(UTC_MS)
    cloud.answer(status)
    assert (cloud.webhook.state, cloud.webhook.next_deadline_ms) == ("disabled", None)
    cloud.webhook.enable(UTC_MS)
    cloud.answer(200)
    assert cloud.webhook.state == "enabled"


@pytest.mark.parametrize(("status", "url"), [(200, "https://new.example/"), (500, URL)])
def test_another_url_counts_once_it_has_answered(status, url):
    cloud = Cloud()
    cloud.webhook.change_url("https://new.example/", cloud.now)
    (fire,) = cloud.answer(status)
    assert fire.url == "https://new.example/"
    assert (cloud.webhook.url, cloud.webhook.state) == (url, "enabled")
    cloud.publish()
    assert [attempt.url for attempt in cloud.answer(200)] == [url]


def test_the_url_of_a_disabled_webhook_just_changes():
    cloud = Cloud(enabled=False)
    cloud.webhook.change_url("https://new.example/", UTC_MS)
    assert (cloud.webhook.url, cloud.webhook.next_deadline_ms) == ("https://new.example/", None)


def test_enabling_twice_or_moving_while_verifying_is_a_mistake():
    cloud = Cloud(enabled=False)
    cloud.webhook.enable(UTC_MS)
    with pytest.raises(MisuseError):
        cloud.webhook.enable(UTC_MS)
    with pytest.raises(MisuseError):
        cloud.webhook.change_url("https://new.example/", UTC_MS)


@pytest.mark.parametrize("name", ["device.release-changed", "device.release_changed"])
def test_only_what_is_subscribed_is_sent_in_either_spelling_and_test_fires_always(name):
    cloud = Cloud(enabled_events=[name])
    release = peridio.Release(cloud.emit.prn("release"), "1.0.0")
    changed = cloud.emit.release_changed(cloud.device, release, release, utc_ms=cloud.now)
    assert cloud.webhook.publish(changed, cloud.now)
    connected = cloud.emit.connected(cloud.device, utc_ms=cloud.now)
    assert not cloud.webhook.publish(connected, cloud.now)
    cloud.webhook.test_fire(cloud.now)
    assert [sub_type(d) for d in cloud.answer(200, 200)] == ["release-changed", "test_fire"]


def test_a_disabled_webhook_fires_no_test():
    cloud = Cloud(enabled=False)
    cloud.webhook.test_fire(UTC_MS)
    assert cloud.webhook.next_deadline_ms is None


@pytest.mark.parametrize("scheme", peridio.SCHEMES)
def test_each_attempt_is_stamped_and_signed_anew_with_the_same_body(scheme):
    cloud = Cloud(scheme=scheme)
    key = cloud.publish()
    attempts = []
    for status in (500, None, 204, 200):
        cloud.wait()
        (attempt,) = cloud.answer(status)
        assert peridio.verify(
            dict(attempt.headers), attempt.body, [SECRET], scheme=scheme, utc_ms=cloud.now
        )
        attempts.append(attempt)
    assert [attempt.attempt for attempt in attempts] == [1, 2, 3, 4]
    assert len({attempt.body for attempt in attempts}) == 1
    assert len({attempt.headers for attempt in attempts}) == 4
    assert cloud.webhook.delivered == [key]
    assert cloud.webhook.next_deadline_ms is None


def test_while_a_secret_is_rolled_both_sign_and_then_the_new_one():
    cloud = Cloud()
    cloud.webhook.roll_secret(OTHER, 60, cloud.now)
    counts = []
    for step_ms in (0, 59_999, 1):
        cloud.now += step_ms
        cloud.publish()
        (attempt,) = cloud.answer(200)
        counts.append(
            [
                bool(peridio.verify(dict(attempt.headers), attempt.body, [s], utc_ms=cloud.now))
                for s in (SECRET, OTHER)
            ]
        )
    assert counts == [[True, True], [True, True], [False, True]]


def test_without_a_time_to_live_the_switch_is_immediate():
    cloud = Cloud()
    cloud.webhook.roll_secret(OTHER, 0, cloud.now)
    cloud.publish()
    (attempt,) = cloud.answer(200)
    assert "," not in dict(attempt.headers)["peridio-signature"]


@given(seed=st.integers(0, 1000))
@settings(max_examples=20)
def test_failures_are_retried_ever_more_rarely_for_three_days_and_then_given_up(seed):
    cloud = Cloud(seed=seed)
    key, gaps, last = cloud.publish(), [], UTC_MS
    while cloud.webhook.next_deadline_ms is not None:
        cloud.wait()
        cloud.answer(500)
        gaps.append(cloud.now - last)
        last = cloud.now
    assert cloud.webhook.given_up == [key]
    assert cloud.webhook.delivered == []
    assert GIVE_UP_MS - 3_600_000 <= last - UTC_MS <= GIVE_UP_MS
    policy = Policy()
    for number, gap in enumerate(gaps[1:]):
        whole = min(policy.cap_ms, policy.first_ms * policy.factor**number)
        assert whole // 2 <= gap <= whole
    assert len(set(gaps)) > len(gaps) // 2  # jittered


def test_the_same_seed_makes_the_same_attempts():
    def run(seed):
        cloud = Cloud(seed=seed, policy=Policy(spread_ms=5000, duplicate_chance=0.5))
        for _ in range(20):
            cloud.publish()
        told = []
        while cloud.webhook.next_deadline_ms is not None:
            cloud.wait()
            for attempt in cloud.webhook.due(cloud.now):
                told.append((cloud.now, attempt))
                cloud.webhook.answered(attempt, 200, cloud.now)
        return told

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_events_come_out_of_order_and_twice_and_a_receiver_sorts_it_out():
    cloud = Cloud(policy=Policy(spread_ms=60_000, duplicate_chance=0.3))
    published = []
    for _ in range(200):
        cloud.now += 1000
        published.append(cloud.publish())
    arrived = []
    while cloud.webhook.next_deadline_ms is not None:
        cloud.wait()
        for attempt in cloud.webhook.due(cloud.now):
            arrived += peridio.parse(attempt.body)
            cloud.webhook.answered(attempt, 200, cloud.now)
    assert len(arrived) > 230
    new = peridio.deduplicate(arrived, Seen())
    times = [event.utc_ms for event in new]
    assert times != sorted(times)
    assert sorted(event.event["prn"] for event in new) == sorted(published)


def test_an_answer_to_nothing_is_a_mistake():
    cloud = Cloud()
    cloud.publish()
    (attempt,) = cloud.answer(200)
    with pytest.raises(MisuseError):
        cloud.webhook.answered(attempt, 200, cloud.now)


@pytest.mark.parametrize(
    "url", ["http://backend.example/", "ftp://x/", "", "https://", "https://x/" + "a" * 1020]
)
def test_addresses_that_peridio_would_not_take_are_refused(url):
    with pytest.raises(InputError, match="url"):
        Webhook(url, SECRET, Emitter(Random(1), ORGANIZATION), Random(1))


@pytest.mark.parametrize("url", ["http://127.0.0.1:8787/", "http://[::1]/", "http://localhost/"])
def test_a_receiver_on_this_machine_needs_no_tls(url):
    assert Webhook(url, SECRET, Emitter(Random(1), ORGANIZATION), Random(1)).url == url


def test_a_bad_secret_or_scheme_is_refused_before_anything_is_sent():
    with pytest.raises(InputError):
        Cloud(enabled=False).webhook.roll_secret("x", 0, UTC_MS)
    with pytest.raises(InputError):
        Cloud(enabled=False, scheme="md5")
