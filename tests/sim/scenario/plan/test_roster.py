"""Who wears what: days, crews, copies, shares, faults, terrain."""

from collections import Counter

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
