import h3
import pytest

from badge.errors import InputError
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


def test_cells_cover_a_parcel_a_polygon_and_a_point_at_every_resolution():
    for resolution in (8, 10, 12):
        roster, _, cells = context(resolution=resolution)
        plane = roster.site_plan.site.plane
        corners = [plane.to_latlon(x, y) for x, y in ((0, 0), (60, 0), (60, 40), (0, 40))]
        assert {h3.latlng_to_cell(*corner, resolution) for corner in corners} <= cells
        assert {h3.get_resolution(cell) for cell in cells} == {resolution}
    _, _, point = context(areas=["depot"])
    _, _, polygon = context(areas=[{"metres": [[-40, -10], [-20, -10], [-20, 10]]}], resolution=8)
    assert len(point) == 1
    assert point <= polygon


@pytest.mark.parametrize("area", ["nowhere", {"metres": [[0, 0], [10, 10], [10, 0], [0, 10]]}])
def test_an_area_that_is_none_is_told_with_its_place(area):
    text = SMALL + f"platforms:\n  grouplink:\n    areas:\n      - {area}\n"
    story = source(text)
    roster = Roster(story, parameters(story))
    with pytest.raises(InputError, match=r"small.yaml line \d+ column \d+"):
        cells_of(roster.site_plan, story.scenario.platforms.grouplink)


def test_a_resolution_that_makes_too_many_cells_is_refused():
    with pytest.raises(InputError, match="choose a lower resolution"):
        context(areas=[{"metres": [[0, 0], [2000, 0], [2000, 2000], [0, 2000]]}], resolution=14)
