import json
import sys

import pytest
from click.testing import CliRunner

from badge.errors import InputError
from sim.scenario.cli import scenario
from sim.scenario.language.read import shipped_names
from tests.sim.scenario.story import SMALL


def call(*arguments):
    return CliRunner().invoke(scenario, [str(one) for one in arguments], catch_exceptions=False)


def test_new_then_check(tmp_path):
    path = tmp_path / "mine.yaml"
    assert f"badge simulate {path}" in call("new", path).output.replace("\n", "")
    assert "no fault found" in call("check", path).output
    with pytest.raises(InputError, match="exists"):
        call("new", path)


def test_check_tells_the_days():
    badges = json.loads(call("check", "quiet-day", "--json").output)["badges"]
    assert [one["worker"] for one in badges] == ["Ana", "Boris", "Cvita"]
    assert badges[0]["days"].startswith("06:5")


def test_check_needs_no_library_of_platforms_that_a_scenario_has_not(monkeypatch):
    monkeypatch.setitem(sys.modules, "h3", None)  # as if it were not installed
    monkeypatch.delitem(sys.modules, "sim.scenario.plan.cells", raising=False)
    assert "no fault found" in call("check", "quiet-day").output


def test_check_tells_how_the_air_is_heard(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(SMALL + "\nradio: cycle\n", encoding="utf-8")
    assert "radio by the cycle" in " ".join(call("check", path).output.split())
    assert json.loads(call("check", path, "--json").output)["radio"] == "cycle"
    assert json.loads(call("check", "quiet-day", "--json").output)["radio"] == "sample"
    assert "radio by" not in call("check", "quiet-day").output


def test_list_names_every_shipped_one_in_80_columns():
    lines = call("list").output.splitlines()
    assert max(map(len, lines)) <= 80
    names = [one["name"] for one in json.loads(call("list", "--json").output)]
    assert "office-day" in names
    assert sorted(names) == shipped_names()


def test_the_schema_can_be_written_to_a_file(tmp_path):
    path = tmp_path / "schema.json"
    call("schema", "-o", path)
    assert json.loads(path.read_text()) == json.loads(call("schema").output)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("depot: [-30, 0]", "depot: [-30, 0]\n  origin: [95, 0]"), "line 8 column 3"),
        (("[0, 0], [60, 0], [60, 40], [0, 40]", "[0, 0], [60, 40], [60, 0], [0, 40]"), "simple"),
        (('until: "07:30"', 'until: "06:10"'), "day is impossible: Ana is"),
        (('at: "07:00"', 'at: "06:40"'), "before the run starts at 06:50:00"),
        (
            ("{work: Maric", "{work: Marik"),
            "line 20 column 9: 'Marik' is not on the site; known are: depot, ",
        ),
        (("workers: [Ana, Boris]", "workers: [Ana, Ana]"), "'Ana' is in the crews 2 times"),
        (("crews:", "badges: [{count: 1}]\ncrews:"), "2 workers, but only 1 badge"),
        (("{stand: mixer", "{ride: mixer"), "it makes no trip after"),
        (
            ("parked: [10, 10]", "carried_by: Zoe"),
            "'Zoe' carries it, but is in no crew; known are: Ana, Boris",
        ),
        (
            ("crews:", '  other: {tag: "AA:BB:CC:00:00:01", parked: depot}\ncrews:'),
            "line 14 column 11: tag AA:BB:CC:00:00:01 is also on 'mixer'",
        ),
        (
            ("crews:", "badges: [{count: 2, config: {gps_interval_s: 0}}]\ncrews:"),
            "gps_interval_s",
        ),
        (
            ("crews:", 'incidents: [{at: "07:00", worker: Zoe, reboot: watchdog}]\ncrews:'),
            "'Zoe' is in no crew; known are: Ana, Boris",
        ),
        (
            ("crews:", "coverage: {zones: [{area: Marik, gain_db: -30}]}\ncrews:"),
            "'Marik' is no parcel or area of the site; known are: Maric, shed; did you mean Maric?",
        ),
        (
            ("2026-03-16T06:50:00Z", "2026-02-30T06:30:00Z"),
            "bad.yaml line 2 column 1: start: '2026-02-30T06:30:00Z' is no time; write it as",
        ),
        (
            ("{stand: mixer", "{ride: mixr"),
            "'mixr' is no equipment that can be ridden along; known are: mixer; did you mean mixer",
        ),
        (
            ("crews:", 'coverage: {outages: [{begins: "08:00", ends: "07:00"}]}\ncrews:'),
            "before it begins",
        ),
        (
            ("crews:", "platforms: {blecon: {hotspots: {gate: {at: nowhere}}}}\ncrews:"),
            "nowhere",
        ),
        (("parcels:", "parcels_file: none.json\n  parcels:"), "No such file"),
        (
            ("workers: [Ana, Boris]", "workers: [Ana, Boris]\n    forgets: [Ana, Fin]"),
            "line 18 column 5: 'Fin' is not in this crew; known are: Ana, Boris",
        ),
        (
            ("workers: [Ana, Boris]", "workers: 2\n    forgets: [Ana]"),
            "'Ana' is not in this crew; known are: yard crew 1, yard crew 2",
        ),
        (("{work: Maric,", "{walk: Marik}\n      - {work: Maric,"), "'Marik' is not on the site"),
        (
            ("- {leave: depot}", "- {drive: depot, route: [Marik]}\n      - {leave: depot}"),
            "'Marik' is not on the site",
        ),
        (
            (
                "crews:",
                "platforms: {peridio: {certificates: [{badges: [3], state: revoked}]}}\ncrews:",
            ),
            "there is no badge 3; the last one is 2",
        ),
        (
            ("crews:", "platforms: {blecon: {deregistered: [{badges: [1, 9]}]}}\ncrews:"),
            "there is no badge 9; the last one is 2",
        ),
        (
            (
                "crews:\n",
                'crews:\n  late: {workers: [Zoe], day: [{arrive: depot, at: "23:00"}, '
                '{stand: nowhere, until: "23:10"}, {leave: depot}]}\n',
            ),
            "'nowhere' is not on the site",  # though the run ends before
        ),
    ],
)
def test_a_scenario_that_cannot_be_is_one_sentence(tmp_path, change, message):
    assert change[0] in SMALL
    path = tmp_path / "bad.yaml"
    path.write_text(SMALL.replace(*change, 1))
    with pytest.raises(InputError) as caught:
        call("check", path)
    assert message in str(caught.value), str(caught.value)
    assert "bad.yaml" in str(caught.value)


def test_new_brings_what_the_scenario_names(tmp_path):
    path = tmp_path / "pilot.yaml"
    call("new", path, "--from", "first-week")
    assert (tmp_path / "first-week.csv").exists()
    assert "2026-03  pilot crew   WWhWW..    " in call("check", path).output


def test_check_plans_the_run_that_is_asked_for():
    asked = ("--start", "2026-07-07", "--badges", "3", "--hours", "30")
    made = json.loads(call("check", "season-of-200", *asked, "--json").output)["sites"]
    assert made["boston"]["start"] == "2026-07-07T04:00:00Z"
    assert made["chicago"]["start"] == "2026-07-07T05:00:00Z"
    assert {len(one["badges"]) for one in made.values()} == {3}
    assert made["chicago"]["badges"][0]["days"] == "2 days, 2026-07-07 to 2026-07-08"
    seen = call("check", "season-of-200@boston", *asked).output
    assert "Season of 200: boston: 3 badges, 30 h" in seen


@pytest.mark.parametrize(
    ("name", "start", "words"),
    [
        # Midnight in Boston is Monday evening in Chicago, when its crews have long been at work.
        ("season-of-200", "2026-07-07T04:00:00Z", "@chicago line 46 .* --start 2026-07-06, midn"),
        ("crew-of-five", "2026-07-06T08:00", "07:10 is before the run starts at 08:00:00; start"),
        ("crew-of-five", "soon", "--start: 'soon' is no time"),
    ],
)
def test_a_start_that_is_too_late_is_told_with_a_right_one(name, start, words):
    with pytest.raises(InputError, match=words):
        call("check", name, "--start", start)


def test_check_shows_every_site(tmp_path):
    made = json.loads(call("check", "season-of-200", "--json").output)
    assert list(made["sites"]) == ["boston", "raleigh", "chicago", "minneapolis"]
    boston = made["sites"]["boston"]
    assert boston["badges"][8]["days"] == "41 days, 2026-03-16 to 2026-05-12"
    assert boston["badges"][44]["worker"] == "north 9"
    days = {one["date"]: one for one in boston["calendar"]["days"]}
    assert days["2026-05-25"]["crews"]["north"]["why"] == "Memorial Day"
