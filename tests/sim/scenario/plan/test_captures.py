"""A real capture in a scenario: badges hear again what a scanner heard then."""

import json

import pytest

import tests.sim.fleet.story as run_story
from badge.errors import InputError
from sim.fleet.field.badge import FieldBadge
from sim.fleet.upload.backend import ModelBackend
from sim.scenario.plan.roster import Roster
from sim.world.radio import Radio
from tests.command import RECORDINGS, needs_recordings
from tests.sim.fleet.story import parameters, source
from tests.sim.scenario.story import SMALL

TAG, OTHER, MIXER = "AA:BB:CC:09:00:01", "AA:BB:CC:09:00:02", "AA:BB:CC:00:00:01"
BEGAN_MS = 1_700_000_000_000


def rows(mac, rssi, seconds):
    return [f"{BEGAN_MS + s * 1000},{mac},{rssi}" for s in seconds]


def story(tmp_path, capture, *lines):
    lines = lines or (*rows(TAG, -50, range(600)), *rows(OTHER, -90, range(600)))
    (tmp_path / "yard.csv").write_text("\n".join(["unix_ms,mac,rssi", *lines]) + "\n")
    text = SMALL.replace("  areas:", f"  captures: [{{{capture}}}]\n  areas:", 1)
    return source(text, tmp_path)


def proximity(run, mac=TAG):
    return [
        (row["device_id"][-1], row["event_type"], row["timestamp_utc"][11:19])
        for row in run.rows()
        if row["event_type"].startswith("ble_") and json.loads(row["payload"])["tag_mac"] == mac
    ]


def test_a_badge_meets_and_loses_what_the_scanner_heard(tmp_path):
    spoken = story(tmp_path, 'file: yard.csv, at: "07:20", worker: Ana')
    found = proximity(run_story.run(tmp_path / "run", spoken))
    assert [(badge, kind) for badge, kind, _ in found] == [
        ("1", "ble_proximity"),
        ("1", "ble_lost"),
    ]
    assert "07:20:10" <= found[0][2] <= "07:20:20"  # three cycles of five seconds
    assert "07:30:20" <= found[1][2] <= "07:30:30"  # five


def test_everybody_hears_it_unless_somebody_is_named_and_what_is_weak_is_never_met(tmp_path):
    run = run_story.run(tmp_path / "run", story(tmp_path, 'file: yard.csv, at: "07:20"'))
    assert {badge for badge, _, _ in proximity(run)} == {"1", "2"}
    assert proximity(run, OTHER) == []


def test_only_the_tags_that_are_equipment_are_known(tmp_path):
    for words, known in (("", {MIXER, TAG, OTHER}), (f', tags: ["{OTHER}"]', {MIXER, OTHER})):
        spoken = story(tmp_path, f'file: yard.csv, at: "07:20"{words}')
        roster = Roster(spoken, parameters(spoken))
        assert set(roster.config(0).known_equipment_tags) == known
        assert {one.mac for c in roster.captures(0) for one in c.log.sightings} == known - {MIXER}


def test_of_what_stands_there_and_is_in_the_capture_the_stronger_one_counts(tmp_path):
    def heard(lines):
        spoken = story(tmp_path, 'file: yard.csv, at: "07:20"', *lines)
        roster = Roster(spoken, parameters(spoken))
        badge = FieldBadge(roster, 0, Radio(3), ModelBackend(None))
        begin_ms = roster.site_plan.clock.ms_of("07:30")  # while she stands at the mixer
        found = badge.heard(begin_ms, begin_ms + 5000)
        return max(rssi for mac, rssi in found if mac == MIXER)

    assert heard(rows(MIXER, -127, range(0, 1200, 2))) == heard(rows(TAG, -50, [0]))
    assert heard(rows(MIXER, -20, range(0, 1200, 2))) == -20


@needs_recordings
def test_a_capture_of_a_real_radio_is_heard(tmp_path):
    text = SMALL.replace(
        "  areas:",
        f'  captures: [{{file: "{RECORDINGS}/ble-walk-straight.csv", at: "07:10"}}]\n  areas:',
        1,
    )
    run = run_story.run(tmp_path / "run", source(text))
    macs = {
        json.loads(row["payload"])["tag_mac"]
        for row in run.rows()
        if row["event_type"] == "ble_proximity"
    }
    assert len(macs - {MIXER}) >= 3


def check(tmp_path, capture):
    spoken = story(tmp_path, capture)
    return Roster(spoken, parameters(spoken))


@needs_recordings
def test_a_sniffed_capture_is_read_as_well(tmp_path):
    words = f'file: "{RECORDINGS}/ble-capture.btsnoop", at: "07:10", badges: [2]'
    text = SMALL.replace("  areas:", f"  captures: [{{{words}}}]\n  areas:", 1)
    spoken = source(text)
    roster = Roster(spoken, parameters(spoken))
    (capture,) = roster.captures(1)
    assert capture.log.sightings[0].utc_ms == roster.site_plan.clock.ms_of("07:10")
    assert roster.captures(0) == ()


def test_of_a_capture_before_the_run_the_rest_is_heard(tmp_path):
    """Where it has a date: a time of the first day that is over is a slip of the pen."""
    one = check(tmp_path, 'file: yard.csv, at: "2026-03-16 06:49:59"')
    (capture,) = one.captures(0)
    assert capture.log.sightings[0].utc_ms < 0
    over = check(tmp_path, 'file: yard.csv, at: "2026-03-15 07:00"').left_out
    assert [line.rpartition("; ")[2] for line in over] == ["left out: yard.csv"]


@pytest.mark.parametrize(
    ("capture", "what"),
    [
        ('file: none.csv, at: "07:20"', "line 10 column 15: .*none.csv: cannot be read"),
        ('file: small.yaml, at: "07:20"', "line 10 column 15: .*unix_ms"),
        ('file: yard.csv, at: "06:20"', "line 10 column 31: 06:20 is before the run starts"),
        ('file: yard.csv, at: "07:20", worker: Zoe', "'Zoe' is in no crew"),
        ('file: yard.csv, at: "07:20", badges: [3]', "there is no badge 3"),
        ('file: yard.csv, at: "07:20", badges: [1], worker: Ana', "at most one of badges, worker"),
        ('file: yard.csv, at: "07:20", tags: ["AA:BB:CC:09:00:09"]', "is not in yard.csv"),
    ],
)
def test_a_capture_that_cannot_be_is_one_sentence(tmp_path, capture, what):
    (tmp_path / "small.yaml").write_text(SMALL)
    with pytest.raises(InputError, match=what):
        check(tmp_path, capture)


def test_a_badge_knows_a_thousand_tags_at_most(tmp_path):
    lines = [f"{BEGAN_MS},AA:BB:CC:0A:{n // 256:02X}:{n % 256:02X},-50" for n in range(1001)]
    spoken = story(tmp_path, 'file: yard.csv, at: "07:20"', *lines)
    with pytest.raises(InputError, match="1001 radios are heard"):
        Roster(spoken, parameters(spoken))
