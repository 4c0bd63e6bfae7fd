"""Phones enter cells where their workers walk."""

import h3

from sim.fleet.webhooks.phones import WorkerPhone
from sim.scenario.language.platforms import GroupLink
from sim.scenario.plan.cells import cells_of
from sim.scenario.plan.roster import Roster
from tests.sim.fleet.story import parameters, source
from tests.sim.scenario.story import SMALL


def context(**words):
    story = source(SMALL.replace("hours: 1.5", "hours: 30"))
    roster = Roster(story, parameters(story))
    spoken = GroupLink(**words)
    return roster, spoken, cells_of(roster.site_plan, spoken)


def entries(roster, words, cells, index=0):
    phone = WorkerPhone(roster.site_plan, words, cells)
    return list(phone.entries(roster.worker_id(index), "salt", roster.days(index)))


def test_an_entry_is_in_its_cell_and_once_a_stay():
    roster, words, cells = context(resolution=11)
    found = entries(roster, words, cells)
    assert found
    for one in found:
        assert one.cell in cells
        assert h3.latlng_to_cell(one.lat, one.lon, 11) == one.cell
    first = {}
    for one in found:
        if one.cell in first:
            assert one.ms - first[one.cell] > 60_000
        first[one.cell] = one.ms


def test_who_comes_back_tomorrow_enters_again_though_a_day_has_not_passed():
    roster, words, cells = context(areas=["Maric"], resolution=8)
    assert len(roster.days(0)) == 2
    first, second = entries(roster, words, cells)
    assert 22 * 3_600_000 < second.ms - first.ms < 25 * 3_600_000
    assert first.cell == second.cell


def test_the_origin_is_what_told_the_phone():
    roster, words, cells = context(resolution=13)
    phone = WorkerPhone(roster.site_plan, words, cells)
    assert phone._origin(0, 10.0, 10.0) == "beacon"  # at the mixer
    assert phone._origin(0, 55.0, 35.0) == "network"  # in the shed
    assert phone._origin(0, -30.0, 0.0) == "gps"
    assert {one.origin for one in entries(roster, words, cells)} == {"beacon", "network", "gps"}
