"""A badge's causes: what its world holds and what it makes, in order of time."""

import pytest

from sim.fleet.field.badge import FieldBadge
from sim.fleet.upload.backend import ModelBackend
from sim.fleet.webhooks.badge_causes import BadgeCauses, CauseContext
from sim.fleet.webhooks.watch import WatchedBackend
from sim.scenario.plan.roster import Roster
from sim.world.radio import Radio
from tests.sim.fleet.story import parameters, source
from tests.sim.scenario.story import SMALL

STORY = (
    SMALL
    + """\
incidents:
  - {at: "07:05", badges: [1], firmware: "0.4.0"}
  - {at: "07:30", badges: [1], reboot: watchdog}
  - {at: "07:40", badges: [2], battery_pct: 1}
platforms:
  blecon: {batches: all, hotspots: {depot: {at: depot}, mixer: {at: mixer}}}
  grouplink: {resolution: 11}
  peridio: {certificates: [{badges: [2], state: revoked, at: "07:20"}]}
"""
)


def live(index, text=STORY, every_ms=None):
    """Let a badge live, and take its causes at the end or every so many ms."""
    story = source(text)
    roster = Roster(story, parameters(story))
    watched = WatchedBackend(ModelBackend(None))
    badge = FieldBadge(roster, index, Radio(roster.parameters.seed), watched)
    watched.causes = causes = BadgeCauses(CauseContext(roster), index, badge)
    badge.observe(*badge.observers, causes)
    end_ms, found = roster.parameters.end_ms, []
    start_ms = roster.site_plan.clock.start_unix_ms
    for ms in range(every_ms or end_ms, end_ms + 1, every_ms or end_ms):
        badge.run_until(ms)
        found += causes.until(start_ms + ms)
    return found + causes.until(start_ms + end_ms + 1), badge, roster


@pytest.fixture(scope="module")
def first():
    return live(0)


@pytest.fixture(scope="module")
def second():
    return live(1)


def test_causes_come_in_order_and_each_kind_is_counted_from_one(first):
    causes, _, _ = first
    assert [one.place for one in causes] == list(range(1, len(causes) + 1))
    assert [one.utc_ms for one in causes] == sorted(one.utc_ms for one in causes)
    for kind in {one.kind for one in causes}:
        numbers = [one.number for one in causes if one.kind == kind]
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
    kinds = {one.kind for one in causes}
    assert kinds >= {"boot", "offer", "upload", "heard", "placed", "entered", "arrived", "left"}


def test_it_is_the_same_however_often_it_is_asked(first):
    assert live(0, every_ms=60_000)[0] == first[0]


def test_a_reboot_has_the_number_of_its_own_event_and_follows_from_its_offer(first):
    causes, badge, _ = first
    rows = {row.entry.sequence_number: row.entry for row in badge.store.settled + badge.store._open}
    boots = [one for one in causes if one.kind == "boot"]
    assert [one.facts["reason"] for one in boots] == ["power_on", "firmware_update", "watchdog"]
    for one in boots:
        assert rows[one.first].event_type == "reboot"
        assert rows[one.first].payload["reason"] == one.facts["reason"]
        assert rows[one.first].firmware_version == one.facts["firmware"]
    (offer,) = [one for one in causes if one.kind == "offer"]
    assert (offer.facts["before"], offer.facts["version"]) == ("0.3.0", "0.4.0")
    assert [one.of for one in boots] == [None, f"{badge.device_id}/offer/1", None]


def test_a_batch_is_there_with_its_numbers_and_its_certificate(second):
    causes, _, roster = second
    uploads = [one for one in causes if one.kind == "upload"]
    clock = roster.site_plan.clock
    limit = clock.start_unix_ms + clock.ms_of("07:20")
    for one in uploads:
        assert one.facts["certificate"] == (None if one.utc_ms < limit else "revoked")
        assert f'"sequence_number":{one.first}' in one.facts["body"]
        assert f'"sequence_number":{one.last}' in one.facts["body"]


def test_a_badge_without_power_is_not_heard_and_its_worker_still_walks(second):
    causes, _, _ = second
    (off,) = [one for one in causes if one.kind == "off"]
    again = min(
        one.utc_ms for one in causes if one.kind == "boot" and one.utc_ms > off.utc_ms
    )  # charged
    between = {one.kind for one in causes if off.utc_ms < one.utc_ms < again}
    assert not between & {"heard", "placed", "upload"}
    assert {"left"} <= between


def test_a_body_is_kept_only_if_somebody_wants_it():
    causes, _, _ = live(0, STORY.replace("batches: all, ", ""))
    assert {one.facts["body"] for one in causes if one.kind == "upload"} == {None}


def test_only_the_platforms_on_the_site_are_planned_for():
    causes, _, _ = live(0, SMALL + "platforms: {peridio: {}}\n")
    assert not {one.kind for one in causes} & {"heard", "placed", "entered"}


def test_who_is_taken_out_of_the_network_is_told_once():
    text = STORY.replace("batches: all,", 'batches: all, deregistered: [{at: "07:15", share: 1}],')
    causes, _, roster = live(0, text)
    (gone,) = [one for one in causes if one.kind == "deregistered"]
    clock = roster.site_plan.clock
    assert gone.utc_ms == clock.start_unix_ms + clock.ms_of("07:15")
