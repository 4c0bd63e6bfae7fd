"""A device's faults are found one by one, and a right device has none."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from badge.config import BadgeConfig
from badge.errors import InputError
from badge.host.recording_file import RecordingWriter
from badge.inputs import (
    Assign,
    Battery,
    Boot,
    GpsFix,
    Movement,
    ScanResult,
    Unassign,
    UtcLearned,
)
from badge.recording.format import Happened, Header
from badge.recording.playback import replay
from hil.dut.cli import judge as judge_command
from hil.dut.event_files import read_events
from hil.dut.judge import judge_events

TAG = "AA:BB:CC:DD:EE:01"
HEADER = Header(BadgeConfig(device_id="ACT-3F8A21B4", known_equipment_tags=[TAG]), "1.4.2")


def _inputs():
    yield Happened(0, Boot())
    yield Happened(100, UtcLearned(1_773_477_135_000))
    yield Happened(200, Battery(55))
    yield Happened(1000, Assign("W-007"))
    for n in range(60):
        at = 1000 + n * 5000
        yield Happened(at + 10, ScanResult(((TAG, -60 if n % 30 < 15 else -90),)))
        if n % 3 == 0 and n % 12:
            yield Happened(at + 900, GpsFix(52.5 + n / 1e4, 13.4, hdop=1.0))
        if n == 20:
            yield Happened(at + 1000, Movement(True))
    yield Happened(310_000, Battery(9))
    yield Happened(320_000, Unassign())
    yield Happened(330_000, Boot("watchdog"))
    yield Happened(331_000, UtcLearned(1_773_477_466_000))


INPUTS = list(_inputs())
WANTED = list(replay(HEADER, INPUTS))


def events():
    return [copy.deepcopy(dict(line.event)) for line in WANTED]


def kinds(changed, **how):
    return judge_events(WANTED, changed, **how).counts


def test_the_stimulus_has_every_kind_of_event():
    seen = {line.event["event_type"] for line in WANTED}
    assert len(seen) >= 9


def test_the_reference_itself_is_right():
    verdict = judge_events(WANTED, events())
    assert verdict
    assert (verdict.paired, verdict.latest_s, verdict.first) == (len(WANTED), 0, None)


@given(st.integers(0, len(WANTED) - 1))
def test_any_missing_event_is_one_missing_and_one_gap(index):
    changed = events()
    gone = changed.pop(index)
    found = judge_events(WANTED, changed)
    rest = {**found.counts}
    assert rest.pop("missing") == 1
    assert [one.wanted for one in found.findings if one.kind == "missing"] == [gone]
    inside = 0 < index < len(changed) and changed[index]["event_type"] != "reboot"
    assert rest == ({"sequence": 1} if inside else {})


@given(st.integers(0, len(WANTED) - 1))
def test_any_event_sent_again_is_no_fault(index):
    changed = events()
    changed.insert(index, changed[max(index - 1, 0)])
    verdict = judge_events(WANTED, changed)
    assert verdict
    assert verdict.resent == 1


@given(st.integers(0, len(WANTED) - 1), st.integers(3, 20))
def test_any_late_event_is_found_and_measured(index, late_s):
    changed = events()
    text = changed[index]["timestamp_utc"]
    moved = judge_events(
        WANTED, [*changed[:index], _moved(changed[index], late_s), *changed[index + 1 :]]
    )
    assert moved.counts.get("late", 0) >= 1 or text.endswith("Z")
    assert not moved
    assert set(moved.counts) <= {"late", "wrong field"}


def _moved(event, seconds):
    from datetime import datetime, timedelta

    at = datetime.fromisoformat(event["timestamp_utc"]) + timedelta(seconds=seconds)
    return {**event, "timestamp_utc": at.strftime("%Y-%m-%dT%H:%M:%SZ")}


def test_a_clock_that_is_a_second_off_is_within_the_tolerance():
    assert judge_events(WANTED, [_moved(one, 1) for one in events()], tolerance_s=1)
    assert not judge_events(WANTED, [_moved(one, 2) for one in events()], tolerance_s=1)


def test_extra_wrong_and_ill_formed_events_are_told_apart():
    changed = events()
    gps = next(i for i, one in enumerate(changed) if one["event_type"] == "gps")
    changed[gps]["payload"]["accuracy_m"] = 4.5
    assert kinds(changed) == {"wrong field": 1}
    assert "payload.accuracy_m is 4.5, should be 3.0" in judge_events(WANTED, changed).first.text
    assert kinds(changed, ignore=["accuracy_m"]) == {}
    assert kinds(changed, ignore=["payload.accuracy_m"]) == {}

    changed = events()
    tag = next(i for i, one in enumerate(changed) if one["event_type"] == "ble_proximity")
    changed[tag]["payload"]["tag_mac"] = TAG.lower()
    assert kinds(changed) == {"schema": 1}
    said = next(one.text for one in judge_events(WANTED, changed).findings if one.kind == "schema")
    assert said.startswith("payload.tag_mac: must be ")

    changed = events()
    changed.append({**changed[-1], "sequence_number": changed[-1]["sequence_number"] + 1})
    assert kinds(changed) == {"extra": 1}

    changed = events()
    lost = next(i for i, one in enumerate(changed) if one["event_type"] == "ble_lost")
    changed[lost]["payload"]["duration_s"] += 3
    assert kinds(changed) == {}
    changed[lost]["payload"]["duration_s"] += 30
    assert kinds(changed) == {"wrong field": 1}


def test_numbers_only_rise_and_are_given_once():
    changed = events()
    changed[5]["sequence_number"] = changed[4]["sequence_number"]
    assert "given twice" in judge_events(WANTED, changed).findings[0].text
    changed = events()
    changed[4]["sequence_number"], changed[5]["sequence_number"] = (
        changed[5]["sequence_number"],
        changed[4]["sequence_number"],
    )
    assert set(kinds(changed)) == {"sequence"}
    changed = [{**one, "sequence_number": one["sequence_number"] + 1000} for one in events()]
    assert judge_events(WANTED, changed), "a device with a history goes on counting"
    for one in changed[-1:]:
        assert one["event_type"] == "reboot"
        one["sequence_number"] += 5
    assert judge_events(WANTED, changed), "a power cut may skip numbers"


def _files(tmp_path: Path, changed) -> list[str]:
    stimulus, logged = tmp_path / "stimulus.ndjson", tmp_path / "dut.ndjson"
    with RecordingWriter(stimulus, HEADER) as writer:
        for line in INPUTS:
            writer.happened(line.ms, line.what)
    logged.write_text("".join(json.dumps(one) + "\n" for one in changed))
    return ["--stimulus", str(stimulus), "--events", str(logged)]


def test_the_command_says_it_three_ways(tmp_path):
    cli, report = CliRunner(), tmp_path / "report.xml"
    files = _files(tmp_path, events())
    good = cli.invoke(judge_command, [*files, "--junit", str(report)])
    assert (good.exit_code, "as it should be" in good.output) == (0, True)
    assert ElementTree.parse(report).getroot().get("failures") == "0"

    changed = events()
    del changed[3]
    files = _files(tmp_path, changed)
    bad = cli.invoke(judge_command, [*files, "--junit", str(report)])
    assert bad.exit_code == 1
    assert "missing" in bad.output
    assert max(map(len, bad.output.splitlines()[1:])) <= 80
    suite = ElementTree.parse(report).getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == (str(len(WANTED) + 1), "2")
    document = json.loads(cli.invoke(judge_command, [*files, "--json"]).output)
    assert document["counts"] == {"missing": 1, "sequence": 1}


def test_events_come_as_lines_batches_routes_or_a_recording(tmp_path):
    path = tmp_path / "events"
    batch = events()
    for text in (
        "".join(json.dumps(one) + "\n" for one in batch),
        json.dumps(batch),
        "".join(json.dumps({"event": "x", "body": one}) + "\n" for one in batch),
        '{"format":"badge-recording","version":1}\n{"ms":1,"in":{"type":"tick"}}\n'
        + "".join(json.dumps({"ms": 1, "out": one}) + "\n" for one in batch),
    ):
        path.write_text(text)
        assert read_events(path) == batch
    path.write_text("{nonsense\n")
    with pytest.raises(InputError, match="events: not JSON"):
        read_events(path)


# -- how far a device may be off -----------------------------------------------------------------


def watchdog(seconds):
    """The reference's events, with so many seconds more of uptime before its watchdog."""
    changed = events()
    last = [one for one in changed if one["event_type"] == "reboot"][-1]
    last["payload"]["previous_uptime_s"] += seconds
    return changed


def test_uptime_may_be_behind_by_what_is_saved_how_often():
    """A device that tells its exact uptime after a watchdog reset is as right as the reference."""
    assert judge_events(WANTED, watchdog(64), uptime_save_s=60)
    assert not judge_events(WANTED, watchdog(65), uptime_save_s=60)
    assert not judge_events(WANTED, watchdog(20))
    assert judge_events(WANTED, watchdog(-60), uptime_save_s=60)


@pytest.mark.parametrize("tolerance_s", [float("nan"), float("inf"), -1.0])
def test_a_tolerance_that_is_no_time_is_refused(tolerance_s):
    with pytest.raises(InputError, match="write seconds"):
        judge_events(WANTED, events(), tolerance_s=tolerance_s)


def test_moments_can_be_left_out_of_it():
    late = [_moved(one, 3600) for one in events()]
    assert not judge_events(WANTED, late)
    assert judge_events(WANTED, late, ignore=["timestamp_utc"])
    del late[7]
    assert judge_events(WANTED, late, ignore=["timestamp_utc"]).counts["missing"] == 1


@pytest.mark.parametrize("junk", ["x", 5, None, [], True, {"sequence_number": "1"}, {}])
def test_what_is_no_event_is_one_finding(junk):
    verdict = judge_events(WANTED, [*events(), junk])
    assert set(verdict.counts) == {"schema"}
    assert str(verdict)
    assert not any(one.text.startswith(":") for one in verdict.findings)
    assert {one.logged is junk or one.logged == junk for one in verdict.findings} == {True}


def test_a_failed_verdict_is_one_line_to_pytest():
    shown = repr(judge_events(WANTED, events()[1:]))
    assert "\n" not in shown
    assert "1 missing" in shown
    assert len(shown) < 240
    assert "as it should be" in repr(judge_events(WANTED, events()))
