"""A card on a badge of a scenario: the world's positions, motion, charge and network."""

from __future__ import annotations

import math

import pytest
from click.testing import CliRunner

from badge.errors import InputError
from sim.notecard.cli import notecard
from sim.notecard.protocol.virtual import VirtualNotecard
from sim.notecard.world.scenario import ScenarioWorld
from sim.scenario.pick import badge_of, moment_of, roster_of
from tests.sim.scenario.story import SMALL

MORE = """\
coverage:
  outages: [{begins: "07:10", ends: "07:20"}]
incidents:
  - {at: "07:25", battery_pct: 9, badges: [2]}
  - {at: "07:32", gps_down_min: 4, badges: [1]}
"""


@pytest.fixture
def roster(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(SMALL.replace("crews:", MORE + "crews:"))
    return roster_of(str(path))


def utc_of(roster, text):
    clock = roster.site_plan.clock
    return clock.start_unix_ms + clock.ms_of(text)


def seconds(roster, begin, end):
    return range(utc_of(roster, begin), utc_of(roster, end), 1000)


def test_its_fixes_are_where_the_worker_is(roster):
    world, plane = ScenarioWorld(roster, 0), roster.site_plan.site.plane
    (day,) = world.days
    off = []
    for ms in seconds(roster, "07:05", "07:25"):
        fix = world.fix_at(ms)
        if fix is not None:
            x_m, y_m = day.journey.position_at(ms - world.epoch_ms)
            off.append(math.dist(plane.to_xy(fix.lat, fix.lon), (x_m, y_m)))
    assert len(off) > 400  # she works into the shed now and then
    assert sorted(off)[len(off) // 2] < 10


def test_it_has_no_fix_at_first_in_the_shed_and_while_the_receiver_is_down(roster):
    world = ScenarioWorld(roster, 0)
    found = {ms: world.fix_at(ms) for ms in seconds(roster, "06:50", "07:52")}
    assert found[utc_of(roster, "06:50")] is None, "a cold start takes half a minute"
    assert found[utc_of(roster, "07:00")] is not None
    assert {found[ms] for ms in seconds(roster, "07:32", "07:36")} == {None}
    assert {found[ms] for ms in seconds(roster, "07:44", "07:47")} == {None}


def test_motion_and_network_are_the_worlds(roster):
    world = ScenarioWorld(roster, 0)
    (day,) = world.days
    moving = [ms for ms in seconds(roster, "06:50", "08:20") if world.moving_at(ms)]
    assert moving
    assert world.epoch_ms + day.start_ms <= moving[0]
    assert moving[-1] < world.epoch_ms + day.end_ms
    bars = {text: world.bars_at(utc_of(roster, text)) for text in ("07:05", "07:15", "07:25")}
    assert bars["07:15"] == 0
    assert bars["07:05"] > 0 < bars["07:25"]


def test_the_battery_is_drained_swapped_and_charged_again(roster):
    world = ScenarioWorld(roster, 1)
    volts = {
        text: world.volts_at(utc_of(roster, text))
        for text in ("07:00", "07:24", "07:26", "07:50", "08:10")
    }
    assert volts["07:00"] > volts["07:24"] > 4.0
    assert 3.5 < volts["07:26"] < 3.7
    assert volts["07:50"] < volts["07:26"]
    assert volts["08:10"] > volts["07:50"], "it hangs at the depot"


def with_faulty(tmp_path, part):
    """The same roster, on which that part of every badge is faulty."""
    path = tmp_path / "faulty.yaml"
    faulty = f"badges: [{{count: 3, faulty: {{share: 1, fault: {part}}}}}]\n"
    path.write_text(SMALL.replace("crews:", MORE + faulty + "crews:"))
    return roster_of(str(path))


def test_a_faulty_receiver_never_has_a_fix(tmp_path):
    roster = with_faulty(tmp_path, "gps")
    world = ScenarioWorld(roster, 1)
    assert {world.fix_at(ms) for ms in seconds(roster, "07:00", "07:20")} == {None}


def test_a_faulty_battery_is_drained_sooner(roster, tmp_path):
    before = ScenarioWorld(roster, 1).volts_at(utc_of(roster, "07:24"))
    weak = ScenarioWorld(with_faulty(tmp_path, "battery"), 1).volts_at(utc_of(roster, "07:24"))
    assert weak < before


def test_a_card_in_it_tells_hosts(roster):
    begin_ms = moment_of(roster, "07:05")
    world = ScenarioWorld(roster, 0)
    card = VirtualNotecard(world=world, epoch_ms=world.epoch_ms + begin_ms)

    def ask(now_ms, line):
        return b"".join(one.data for one in card.receive(line, now_ms) if hasattr(one, "data"))

    ask(0, b'{"req":"card.location.mode","mode":"continuous"}\n')
    card.advance(90_000)
    assert b'"lat":' in ask(91_000, b'{"req":"card.location"}\n')
    assert b'"value":4.1' in ask(92_000, b'{"req":"card.voltage"}\n')


def test_what_is_not_there_is_named(roster):
    for number in (0, 3):
        with pytest.raises(InputError, match="badges 1 to 2"):
            badge_of(roster, number)
    for text in ("7", "25:00", "06:00", "09:00"):
        with pytest.raises(InputError, match="--from"):
            moment_of(roster, text)
    words = ["--pty", "--world", "nowhere"]
    assert "crew-of-five" in str(CliRunner().invoke(notecard, words).exception)
    words = ["--pty", "--world", "crew-of-five", "--track", "x.gpx"]
    assert "give one of them" in str(CliRunner().invoke(notecard, words).exception)
    words = ["--pty", "--world", "crew-of-five", "--badge", "6"]
    assert "badges 1 to 5" in str(CliRunner().invoke(notecard, words).exception)
