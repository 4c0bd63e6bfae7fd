from __future__ import annotations

import json

import pytest

from sim.platforms import peridio
from sim.platforms.kit import receiver
from sim.platforms.peridio.simulation import PeridioSimulation
from sim.scenario.language.platforms import Peridio
from tests.sim.platforms.story import START_MS, Day, setting

OLD, NEW = "B284A51B143841695B2D7BF3B8554731", "C4FE345F29EF6156BD40B6DF73625243"


def day(*, verified=True, secrets=(OLD, NEW), **words):
    one = Day(PeridioSimulation(setting(Peridio(**words), secrets=secrets)))
    one.simulation.begin(START_MS - 60_000)
    if verified:
        one.post(after_s=-59)
        one.posted.clear()
        one.now_ms = START_MS
    return one


def short(one):
    return [name.removeprefix("device.") for name in one.types]


def test_the_first_upload_after_a_start_is_the_first_contact():
    one = day()
    start = one.boots()
    assert one.types == []
    first = one.uploads()
    one.uploads(after_s=60)
    one.uploads(after_s=3600)
    assert short(one) == ["connected", "checked-for-release", "checked-for-release"]
    connected, checked, _ = one.simulation.made
    assert (connected.cause, checked.cause) == (start, first)


def test_an_outage_and_a_restart_end_the_connection():
    one = day()
    one.boots()
    one.uploads()
    one.happens("link", up=False)
    one.happens("link", up=True)
    one.uploads()
    one.happens("off")
    one.boots(reason="power_on")
    one.uploads()
    assert short(one).count("connected") == 3


def test_openapi_tells_of_the_end_too_and_of_which_connection():
    one = day(profile="openapi")
    one.boots()
    one.uploads()
    one.happens("link", up=False)
    one.happens("off")  # it is not connected any more
    assert short(one) == ["connected", "checked_for_release", "disconnected"]
    one.post()
    events = [json.loads(p.body)["data"] for p in one.posted]
    told = {event["type"]: event["data"] for event in events}
    assert told["disconnected"]["connected_event_prn"] == one.simulation.made[0].key
    assert told["connected"]["device"]["cohort"]["cohort_name"] == "badges"


def test_a_wave_claims_and_the_next_contact_changes_the_record():
    one = day()
    one.boots("0.3.0")
    one.uploads("0.3.0")
    offer = one.happens("offer", version="0.4.0", before="0.3.0")
    one.boots("0.4.0", reason="firmware_update")
    one.uploads("0.4.0")
    assert short(one)[2:] == [
        *("checked-for-release", "claimed-release"),
        *("connected", "release-changed", "updated", "checked-for-release"),
    ]
    assert one.simulation.made[3].cause == offer
    one.post()
    data = [json.loads(p.body)["data"] for p in one.posted]
    (changed,) = [one["data"] for one in data if one["type"] == "release-changed"]
    (claimed,) = [one["data"] for one in data if one["type"] == "claimed-release"]
    assert changed["from_release"]["version"] == "0.3.0"
    assert changed["to_release"] == claimed["release"]
    assert claimed["release"]["version"] == "0.4.0"
    one.boots("0.4.0", reason="watchdog")
    one.uploads("0.4.0")
    assert short(one).count("release-changed") == 1


def test_firmware_that_never_uploads_is_claimed_and_never_becomes_the_release():
    one = day()
    one.boots("0.3.0")
    one.uploads("0.3.0")
    one.happens("offer", version="0.5.0", before="0.3.0")
    one.boots("0.5.0", reason="firmware_update")
    one.boots("0.3.0", reason="firmware_update")
    one.uploads("0.3.0")
    assert "claimed-release" in short(one)
    assert "release-changed" not in short(one)


@pytest.mark.parametrize("profile", ["guide", "openapi"])
@pytest.mark.parametrize("state", ["invalid", "unknown", "revoked"])
def test_a_bad_certificate_is_turned_away_as_often_as_it_comes(profile, state):
    one = day(profile=profile, check_every_min=30)
    start = one.boots()
    for _ in range(4):
        one.uploads(certificate=state, after_s=900)
    assert {name.replace("-", "_") for name in short(one)} == {"authentication_failed"}
    assert len(one.types) == 2
    assert one.simulation.made[0].cause == start
    one.uploads(after_s=900)  # it was mended
    assert "connected" in short(one)


def test_nothing_is_posted_before_the_url_is_verified_and_nothing_if_it_is_not():
    one = day(verified=False)
    one.boots()
    one.uploads()
    one.post(status=404)
    assert [json.loads(p.body)["data"]["type"] for p in one.posted] == ["test_fire"]
    assert not one.simulation.enabled
    one.uploads(after_s=7200)
    one.post()
    assert len(one.posted) == 1


def test_only_what_is_subscribed_is_posted():
    one = day(subscribed=["device.connected"])
    one.boots()
    one.uploads()
    one.post()
    assert [json.loads(p.body)["data"]["type"] for p in one.posted] == ["connected"]


@pytest.mark.parametrize("profile", ["guide", "openapi"])
def test_all_types_of_a_profile_can_come_of_the_world(profile):
    one = day(profile=profile, verified=False)
    one.post()
    one.boots()
    one.uploads(certificate="revoked")
    one.uploads(after_s=3600)
    one.happens("offer", version="0.4.0", before="0.3.0")
    one.boots("0.4.0", reason="firmware_update")
    one.uploads("0.4.0")
    one.happens("api_key", device="", name="Office")
    one.post()
    events = [e for p in one.posted for e in receiver.parse(peridio.PLATFORM, p.body)]
    assert [event.faults(profile) for event in events if event.faults(profile)] == []
    assert {e.type for e in events} == {kind.name for kind in peridio.PLATFORM.types(profile)}


def test_while_the_secret_is_rolled_both_sign_and_another_clock_changes_nothing_but_the_stamp():
    one = day(roll={"at": "06:00", "ttl_s": 60})
    one.happens("rolled", device="", ttl_s=60)
    for after_s, right in ((1, [OLD, NEW]), (120, [NEW])):
        one.happens("api_key", device="", name="Office", after_s=after_s)
        one.post(after_s=0)
        delivery = one.posted[-1]
        for secret in (OLD, NEW):
            real = one.simulation.stamped(delivery, one.now_ms, 1_000_000)
            for attempt, now_ms in ((delivery, one.now_ms), (real, 1_000_000)):
                told = peridio.verify(dict(attempt.headers), attempt.body, [secret], utc_ms=now_ms)
                assert bool(told) == (secret in right)
        assert real.body == delivery.body


def test_without_a_secret_it_signs_with_one_of_its_own():
    one = day(secrets=())
    one.happens("api_key", device="", name="Office")
    one.post()
    assert dict(one.posted[0].headers)["peridio-signature"]


def test_events_are_late_by_up_to_the_spread_and_come_again():
    one = day(spread_s=600, duplicates=1.0)
    one.happens("api_key", device="", name="Office")
    for _ in range(60):
        one.post(after_s=30)
    assert len(one.posted) == 2
    assert len({p.keys for p in one.posted}) == 1
