from pathlib import Path

import jsonschema
import pytest
import yaml

from badge.errors import InputError
from sim.scenario.cli import scenario_schema
from sim.scenario.language.read import SHIPPED, parse_scenario, read_scenario, shipped_names

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
        ("scenario: x\nhours: -3\n", "line 2 column 1: hours: Input should be greater than 0"),
        ("story: x\n", "'scenario' is missing"),
        (
            "scenario: x\nequipment:\n  saw: {tag: nonsense, parked: depot}\n",
            "line 3 column 9: equipment.saw.tag: String should match",
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
