import pytest

from sim.scenario.drawing import drawing_of
from sim.scenario.language.read import read_scenario
from sim.scenario.plan.parameters import parameters_of
from sim.scenario.plan.roster import Roster


@pytest.fixture(scope="module")
def drawn():
    source = read_scenario("crew-of-five")
    return drawing_of(Roster(source, parameters_of(source)))


def test_the_site_is_drawn_in_metres(drawn):
    areas = {area["name"]: area for area in drawn["areas"]}
    assert areas["Novak"]["kind"] == "parcel"
    assert [90.0, 60.0] in areas["Novak"]["rings"][0]
    assert drawn["depot"] == [-150.0, 20.0]


def test_equipment_has_its_way_and_a_radio_that_reaches_some_metres(drawn):
    pieces = {piece["name"]: piece for piece in drawn["equipment"]}
    assert pieces["excavator"]["way"] == [[0, 30.0, 30.0]]
    times = [knot[0] for knot in pieces["truck"]["way"]]
    assert times == sorted(times)
    assert len(times) > 3
    assert all(1 < piece["reach_m"] < 40 for piece in pieces.values())


def test_outages_are_told_with_their_times():
    source = read_scenario("outage")
    drawn = drawing_of(Roster(source, parameters_of(source)))
    (outage,) = drawn["coverage"]["outages"]
    assert outage["t1_ms"] - outage["t0_ms"] == 4 * 3_600_000


def test_the_network_is_drawn_as_the_badges_meet_it_outages_apart():
    source = read_scenario("dead-zone")
    roster = Roster(source, parameters_of(source))
    field, coverage = drawing_of(roster)["coverage"]["field"], roster.site_plan.coverage
    step_m = field["step_m"]
    assert {len(row) for row in field["bars"]} == {len(field["bars"][0])}
    for j, row in enumerate(field["bars"]):
        y_m = field["y_m"] + (j + 0.5) * step_m
        for i in range(j % 5, len(row), 5):
            x_m = field["x_m"] + (i + 0.5) * step_m
            assert abs(int(row[i]) - coverage.link_at(0, x_m, y_m).bars) <= 1  # within a rounding
    assert "0" in "".join(field["bars"])
