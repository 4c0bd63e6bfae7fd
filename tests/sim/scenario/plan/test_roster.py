"""Who wears what: days, crews, copies, shares, faults, terrain."""

from sim.scenario.language.read import read_scenario
from sim.scenario.plan.roster import Roster
from tests.sim.fleet.story import parameters, source
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
