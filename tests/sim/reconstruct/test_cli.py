"""`badge reconstruct` as a user sees it."""

import json
from datetime import datetime, timedelta

import pytest

from tests.command import call, sentence
from tests.sim.reconstruct.test_seen import event
from tests.sim.traffic.story import record_day, write_lines


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    days = [record_day(tmp_path / f"{d}.ndjson", f"ACT-0000000{d}") for d in "AB"]
    write_lines(tmp_path / "events.ndjson", [event for day in days for event in day.events])
    write_lines(tmp_path / "one.ndjson", days[0].events)
    return tmp_path


def test_from_events_to_a_recording_that_logs_them(here):
    said = call("reconstruct", "one.ndjson", "--out", "made.ndjson", "--json")
    assert said.code == 0, said.out + said.err
    assert json.loads(said.out)[0]["unexplained"] == 0
    said = call("replay", "made.ndjson", "--events", "again.ndjson")
    assert said.code == 0
    again = [json.loads(line) for line in (here / "again.ndjson").read_text().splitlines()]
    assert again == [json.loads(line) for line in (here / "one.ndjson").read_text().splitlines()]


def test_several_badges_make_a_folder(here):
    assert call("reconstruct", "events.ndjson", "--out", "made").code == 0
    assert call("replay", "made").code == 0
    assert len(list((here / "made").iterdir())) == 2


def test_what_is_not_explained_is_named_and_is_code_1(here):
    lines = (here / "one.ndjson").read_text().splitlines()
    odd = json.loads(lines[5])
    odd["payload"]["mood"] = "good"
    (here / "odd.ndjson").write_text("\n".join([*lines[:5], json.dumps(odd), *lines[6:], "{}"[:0]]))
    said = call("reconstruct", "odd.ndjson", "--out", "made.ndjson")
    assert said.code == 1
    assert "not explained: 1" in said.out
    assert "mood" in said.out
    assert call("replay", "made.ndjson").code == 0


def test_an_event_against_the_contract_is_left_out_and_named(here):
    write_lines(here / "bad.ndjson", [event(1, "gps", 1), event(2, "upload_heartbeat", 2)])
    said = call("reconstruct", "bad.ndjson", "--out", "made.ndjson")
    assert said.code == 1
    assert "left out, event 1: Missing required field: payload.lat" in said.out


@pytest.mark.parametrize(
    "words",
    [
        ("gone.ndjson", "--out", "o"),
        ("events.ndjson", "--out", "o.ndjson"),
        ("events.ndjson", "--out", "events.ndjson"),
        ("events.ndjson", "--out", "o", "--device", "ACT-000000FF"),
        ("events.ndjson", "--out", "o", "--set", "gps_interval_s=0"),
        ("A.ndjson", "--out", "o"),
        (".", "--out", "o"),
        ("/dev/null", "--out", "o"),
        ("mysql://x/y", "--out", "o"),
    ],
)
def test_a_mistake_is_one_sentence(here, words):
    said = call("reconstruct", *words)
    assert said.code == 2
    assert sentence(said)


def test_a_recording_and_a_folder_are_told_as_what_they_are(here):
    said = call("reconstruct", "A.ndjson", "--out", "o")
    assert "is a recording already; badge replay takes it" in said.err
    said = call("reconstruct", here, "--out", "o")
    assert f"is a folder; name the file in it, {here / 'events.ndjson'}" in said.err


def test_a_boot_of_years_is_refused_before_it_is_lived_through(here, monkeypatch):
    monkeypatch.setattr("sim.reconstruct.cli.reconstruct", None)
    years = [event(1, "upload_heartbeat", 1), event(4000, "upload_heartbeat", 1)]
    years[1]["timestamp_utc"] = "2034-01-01T00:00:00Z"
    write_lines(here / "years.ndjson", years)
    said = call("reconstruct", "years.ndjson", "--out", "o")
    assert said.code == 2
    assert "span more than a recording" in sentence(said)


def test_a_month_of_which_two_events_are_held_is_lived_through(here):
    month = [event(1, "upload_heartbeat", 1), event(4000, "upload_heartbeat", 1)]
    month[1]["timestamp_utc"] = "2026-04-13T00:00:00Z"
    write_lines(here / "month.ndjson", month)
    said = call("reconstruct", "month.ndjson", "--out", "made.ndjson")
    assert said.code in (0, 1), said.err
    assert call("replay", "made.ndjson").code == 0


def test_a_badge_that_cannot_be_explained_is_named_and_the_others_are(here):
    lines = [json.loads(line) for line in (here / "one.ndjson").read_text().splitlines()]
    odd = event(9, "reboot", 1)
    odd["device_id"] = "ACT-0000000B"
    odd["payload"] = {"reason": "power_on", "previous_uptime_s": 2**62, "events_in_queue": 0}
    huge = event(2**63 - 1, "reboot", 1)
    huge["device_id"] = "ACT-0000000C"
    huge["payload"] = {"reason": "power_on", "previous_uptime_s": 0, "events_in_queue": 2**62}
    write_lines(here / "odd.ndjson", [*lines, odd, huge, {**odd, "timestamp_utc": "yesterday"}])
    said = call("reconstruct", "odd.ndjson", "--out", "made")
    assert said.code == 1
    assert "made/ACT-0000000A.ndjson: " in said.out
    assert "ACT-0000000B: not explained at all: " in said.out
    assert "recorded 4611686018427387904, now 2000" in said.out  # what a badge's queue can hold
    assert "its time 'yesterday' cannot be read" in said.out
    assert sorted(one.stem[-1] for one in (here / "made").iterdir()) == ["A", "C"]
    told = json.loads(call("reconstruct", "odd.ndjson", "--out", "made", "--json").out)
    assert [one["recording"] is None for one in told] == [False, False, True]


def test_a_clock_that_was_set_is_told_and_the_replay_logs_the_same(here):
    lines = [json.loads(line) for line in (here / "one.ndjson").read_text().splitlines()]
    for line in lines[20:]:
        moment = datetime.fromisoformat(line["timestamp_utc"]) - timedelta(days=2)
        line["timestamp_utc"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    write_lines(here / "set.ndjson", lines)
    said = call("reconstruct", "set.ndjson", "--out", "made.ndjson")
    assert (said.code, said.err) == (0, "")
    number = lines[20]["sequence_number"]
    assert f"its clock was set by -172,800 s before event {number}" in said.out
    assert call("replay", "made.ndjson", "--events", "again.ndjson").code == 0
    again = [json.loads(line) for line in (here / "again.ndjson").read_text().splitlines()]
    assert again == lines
