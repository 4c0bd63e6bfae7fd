from pathlib import Path

import jsonschema
import pytest
import yaml

from badge.errors import InputError
from sim.scenario.cli import scenario_schema
from sim.scenario.language.read import (
    SHIPPED,
    parse_scenario,
    read_scenario,
    shipped_names,
    sites_of,
)
from sim.scenario.plan.parameters import parameters_of
from sim.scenario.plan.roster import Roster
from tests.sim.scenario.story import SMALL

MINIMAL = "scenario: x\nbadges:\n  - {count: 1}\n"


def parse(text):
    return parse_scenario(text.encode(), "x.yaml", Path())


def test_ten_stories_and_the_demo_are_shipped():
    assert {
        *("crew-of-five", "quiet-day", "office-day", "passing-truck", "dead-zone", "outage"),
        *("forgotten-badge", "dying-batteries", "roll-out", "mixed-firmware", "morning-of-500"),
    } <= set(shipped_names())


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_scenario_is_read_and_fits_the_json_schema(name):
    assert read_scenario(name).scenario.story
    document = yaml.safe_load((SHIPPED / f"{name}.yaml").read_text("utf-8"))
    jsonschema.Draft202012Validator(scenario_schema()).validate(document)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("scenario: x\nhuors: 3\n", "line 2 column 1: huors: unknown key"),
        ("scenario: x\nhours: -3\n", "line 2 column 1: hours: must be above 0"),
        ("story: x\n", "'scenario' is missing"),
        ("scenario: x\nhuors: 3\n", "lists the known ones; did you mean hours"),
        (
            "scenario: x\nradio: cycel\n",
            "line 2 column 1: radio: must be sample or cycle; did you mean cycle",
        ),
        (
            "scenario: x\nsite: {environment: yrd}\n",
            "or bench, or an object of keys and values; did you mean yard?",
        ),
        ("scenario: x\nsite: {origin: [45.0]}\n", "site.origin: item 2 is missing"),
        (
            "scenario: x\ncrews:\n  a: {workers: Ana, day: []}\n",
            "workers: must be a list, or a whole number",
        ),
        (
            "scenario: x\ncrews:\n  a: {workers: [A], day: [{arive: depot}, {}]}\n",
            "lists the known ones; did you mean arrive",
        ),
        (
            "scenario: x\nequipment:\n  saw: {tag: nonsense, parked: depot}\n",
            "line 3 column 9: equipment.saw.tag: must be like F4:A7",
        ),
        (
            "scenario: x\ncalendar:\n  holidays: {country: USA}\n",
            "line 3 column 14: calendar.holidays.country: must be the country's two capital",
        ),
        (
            'scenario: x\ncalendar:\n  season: {begins: "3-16", ends: "11-25"}\n',
            "line 3 column 12: calendar.season.begins: must be month and day in quotes",
        ),
        (
            'scenario: x\nequipment:\n  saw: {tag: "AA:BB:CC:00:00:01"}\n',
            "line 3 column 3: equipment.saw: say exactly one of parked, carried_by; here: none",
        ),
        (
            "scenario: x\ncrews:\n  a: {workers: [A], day: [{}, {}]}\n",
            "say exactly one of arrive",
        ),
        (
            'scenario: x\nincidents:\n  - {at: "07:00", reboot: watchdog, firmware: "1.0.0"}\n',
            "line 3 column 5: incidents.0: say exactly one of",
        ),
        ('scenario: x\nincidents:\n  - {at: "7:00", reboot: watchdog}\n', "line 3 column 6"),
        (
            'scenario: x\ncrews:\n  a: {workers: [B, "A\\0"], day: []}\n',
            "line 3 column 20: crews.a.workers.1: must be without NUL",
        ),
        ("- 1\n- 2\n", "line 1 column 1: scenario:"),
    ],
)
def test_an_error_says_where_and_what(text, message):
    with pytest.raises(InputError) as caught:
        parse(text)
    assert message in str(caught.value)


def test_equal_bytes_have_equal_digests():
    assert parse(MINIMAL).digest == parse(MINIMAL).digest != parse(MINIMAL + "\n").digest


def test_an_unknown_name_lists_the_shipped_ones():
    with pytest.raises(InputError, match="shipped are: crew-of-five, dead-zone"):
        read_scenario("no-such")


SITES = """
sites:
  north: {zone: Europe/Zagreb, hours: 2}
  south:
    site: {depot: [5, 5]}
    crews: {yard crew: {workers: [Eva], day: [{arrive: depot, at: "07:00"}, {leave: depo}]}}
"""


def test_each_site_is_a_scenario_of_its_own(tmp_path):
    path = tmp_path / "two.yaml"
    path.write_text(SMALL + SITES)
    north, south = sites_of(read_scenario(path)).values()
    assert (north.scenario.scenario, north.scenario.hours) == ("Small: north", 2.0)
    assert north.scenario.site == read_scenario(path).scenario.site
    assert south.scenario.site.depot == (5.0, 5.0)
    assert south.scenario.site.parcels == north.scenario.site.parcels  # what all share
    assert read_scenario(f"{path}@south").scenario == south.scenario
    assert sites_of(north) == {"": north}
    with pytest.raises(InputError, match="no site 'west'; its sites are: north, south"):
        read_scenario(f"{path}@west")


def test_a_mistake_of_a_site_is_told_with_its_own_line(tmp_path):
    path = tmp_path / "two.yaml"
    path.write_text(SMALL + SITES)
    south = read_scenario(f"{path}@south")
    with pytest.raises(
        InputError, match=r"two.yaml@south line 29 column 77: 'depo' is not on the site"
    ):
        Roster(south, parameters_of(south))
    with pytest.raises(InputError, match=r"has the sites north, south: name one, as in .*@north"):
        parameters_of(read_scenario(path))
    path.write_text(SMALL + SITES.replace("hours: 2", "hours: -2"))
    with pytest.raises(InputError, match=r"two.yaml line 26 column 32: hours: "):
        read_scenario(f"{path}@north")
