"""Who wears what: days, crews, copies, shares, faults, terrain."""

from collections import Counter

import pytest

from badge.errors import InputError
from sim.scenario.language.read import read_scenario
from sim.scenario.plan.roster import Roster
from tests.sim.fleet.story import parameters, source
from tests.sim.scenario.calendar.story import WEEKS
from tests.sim.scenario.story import SMALL


def roster(text=SMALL, folder=None, **changes):
    story = source(text) if folder is None else source(text, folder)
    return Roster(story, parameters(story, **changes))


def test_what_is_carried_goes_along():
    made = roster(
        SMALL.replace("parked: [10, 10]", "carried_by: Boris").replace("mixer, u", "depot, u")
    )
    mover = made.site_plan.equipment["mixer"].mover
    ms = made.site_plan.clock.ms_of("07:20")
    assert mover.box_over(ms, ms)[:2] == made.days(1)[0].journey.position_at(ms)


def test_a_larger_share_holds_the_smaller():
    made = roster(read_text("roll-out"), badges=20)
    struck = {
        (one.incident.firmware, one.at_ms): set() for i in range(20) for one in made.incidents(i)
    }
    for index in range(20):
        for one in made.incidents(index):
            struck[one.incident.firmware, one.at_ms].add(index)
    sizes = [len(found) for _, found in sorted(struck.items(), key=lambda item: item[0][1])]
    assert sizes == [2, 10, 4, 20]
    first, second = (struck[key] for key in sorted(struck, key=lambda key: key[1])[:2])
    assert first < second
    assert second != set(range(10))  # drawn, not the first ones


def test_a_share_is_faulty():
    text = SMALL.replace(
        "crews:", "badges: [{count: 2, faulty: {share: 0.25, fault: gps}}]\ncrews:"
    )
    made = roster(text, badges=400)
    faulty = sum(made.fault(index) == "gps" for index in range(400))
    assert 70 < faulty < 130


def test_every_badge_has_its_own_id_and_knows_the_tags():
    made = roster(badges=100)
    ids = [made.config(index).device_id for index in range(100)]
    assert ids == sorted(set(ids))
    assert made.config(99).known_equipment_tags == ["AA:BB:CC:00:00:01"]


def read_text(name):
    from sim.scenario.language.read import find

    assert read_scenario(name).scenario.scenario
    return find(name).read_text("utf-8")


WAVES = """
incidents:
  - {at: "2026-03-03 04:00", firmware: "0.4.0", waves: {every_days: 2, shares: [0.3, 0.7]}}
"""


def test_a_roll_out_reaches_each_badge_in_its_wave_once():
    made = roster(WEEKS.replace("{count: 3}", "{count: 10}") + WAVES)
    word = made.site_plan.clock.word
    reached = [[word(one.at_ms) for one in made.incidents(index)] for index in range(10)]
    assert all(len(one) <= 1 for one in reached)
    assert Counter(one[0] if one else None for one in reached) == {
        "2026-03-03 04:00:00": 3,
        "2026-03-05 04:00:00": 4,
        None: 3,
    }


def test_an_incident_strikes_whoever_wears_the_badge_then():
    people = '  people: [{worker: Ana, leaves: "2026-03-04", badge_to: Eva}]\n'
    hit = '\nincidents: [{at: "2026-03-06 09:00", worker: WHO, reboot: watchdog}]\n'
    eva = roster(WEEKS + people + hit.replace("WHO", "Eva"))
    ana = roster(WEEKS + people + hit.replace("WHO", "Ana"))
    assert [len(eva.incidents(index)) for index in range(3)] == [1, 0, 0]
    assert [len(ana.incidents(index)) for index in range(3)] == [0, 0, 0]


def test_what_befalls_a_broken_badge_does_not():
    broken = '  badges: [{badge: 1, breaks: "2026-03-05 10:00"}]\n'
    hit = '\nincidents: [{at: "2026-03-06 09:00", reboot: watchdog}]\n'
    made = roster(WEEKS + broken + hit)
    assert [len(made.incidents(index)) for index in range(3)] == [0, 1, 1]


HISTORY = """\
  people:
    - {worker: Ana, leaves: "2026-03-04", badge_to: Eva}
    - {worker: Boris, joins: "2026-03-03"}
  badges: [{badge: 1, breaks: "2026-03-05 10:00", by: 3}]
  tags: [{equipment: truck, flat: "2026-03-03 12:00", changed: "2026-03-09 12:00"}]
coverage: {outages: [{begins: "2026-03-04 07:00", ends: "2026-03-09 08:00"}]}
"""


def test_a_run_that_begins_later_finds_people_and_badges_as_they_are_by_then():
    """Who joined, left or handed a badge on, which one broke, and what is silent since."""
    text = (WEEKS + HISTORY).replace(
        "[{count: 3}]", '[{count: 3}, {count: 1, since: "2026-03-06 05:00"}]'
    )
    whole = roster(text)
    for day in (3, 4, 5, 6, 9, 10):
        later = roster(text, start=f"2026-03-{day:02}T05:00:00Z", hours=24 * 5)
        dates = later.site_plan.calendar.dates
        shift_ms = later.site_plan.clock.start_unix_ms - whole.site_plan.clock.start_unix_ms
        for index in range(4):
            worn = [(dates[n], one.worker) for n, one in later.planned_days(index)]
            known = whole.site_plan.calendar.dates
            assert worn == [
                (known[n], one.worker) for n, one in whole.planned_days(index) if known[n] in dates
            ]
            life, before = later.life(index), whole.life(index)
            assert life.begins_ms == max(before.begins_ms - shift_ms, 0)
            assert life.ends_ms in (max(before.ends_ms - shift_ms, 0), before.ends_ms)
        ((begins, ends),) = later.site_plan.equipment["truck"].silent
        assert (begins + shift_ms, ends + shift_ms) == whole.site_plan.equipment["truck"].silent[0]


def test_what_is_over_before_the_run_and_leaves_nothing_is_told():
    said = """\
incidents:
  - {at: "2026-03-03 09:00", reboot: watchdog}
  - {at: "2026-03-03 09:00", firmware: "0.4.0", fails: true}
  - {at: "2026-03-03 09:00", firmware: "0.4.0"}
  - {at: "2026-03-03 09:00", battery_pct: 50}
  - {at: "2026-03-03 23:50", gps_down_min: 30}
  - {at: "2026-03-03 09:00", scanner_down_min: 30}
  - {at: "2026-03-05 09:00", reboot: watchdog}
"""
    assert roster(WEEKS + said).left_out == ()
    told = roster(WEEKS + said, start="2026-03-04T05:00:00Z").left_out
    assert [one.partition(": ")[2] for one in told] == [
        f"2026-03-03 09:00 is before the run starts at 2026-03-04 00:00:00; left out: {what}"
        for what in ("reboot", "firmware", "scanner_down_min")
    ]
    assert told[0].startswith("small.yaml line 47 column 5: ")


def test_a_first_day_that_began_before_the_run_is_told_before_any_badge_lives():
    with pytest.raises(InputError, match="before the run starts at 2026-03-03 06:55"):
        roster(WEEKS, start="2026-03-03T11:55:00Z").try_first_day()
    roster(WEEKS, start="2026-03-03T05:00:00Z").try_first_day()
    roster(WEEKS, start="2026-03-08T10:55:00Z").try_first_day()  # a Sunday: nobody comes
    roster().try_first_day()


def test_an_incident_before_the_run_is_of_whoever_wears_the_badge_when_it_starts():
    people = '  people: [{worker: Ana, leaves: "2026-03-04", badge_to: Eva}]\n'
    hit = '\nincidents: [{at: "2026-03-06 09:00", worker: Eva, firmware: "0.4.0"}]\n'
    made = roster(WEEKS + people + hit, start="2026-03-09T05:00:00Z")
    assert [len(made.incidents(index)) for index in range(3)] == [1, 0, 0]
