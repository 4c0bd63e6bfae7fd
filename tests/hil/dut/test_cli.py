"""`badge judge` and `badge provision`: what they print, and their exit codes."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from hil.dut.stimulus import read_stimulus
from sim.ingest.store.sqlite import SqliteStore
from tests.command import call, sentence
from tests.paths import EXAMPLES

SHIFT = EXAMPLES / "firmware_bench" / "shift.ndjson"


@pytest.fixture
def logged(tmp_path):
    """Write what a device logged; `spoil` changes it first."""

    def write(spoil=lambda events: None):
        events = [line.event for line in read_stimulus(SHIFT).events]
        spoil(events)
        path = tmp_path / "dut.ndjson"
        path.write_text("".join(json.dumps(one) + "\n" for one in events))
        return path

    return write


def test_the_same_events_are_as_they_should_be(logged):
    said = call("judge", "--stimulus", SHIFT, "--events", logged())
    assert said.code == 0
    assert "as it should be" in said.out


def test_findings_are_told_in_80_columns_as_json_and_as_junit(logged, tmp_path):
    path, report = logged(lambda events: events.pop(3)), tmp_path / "r.xml"
    words = ("judge", "--stimulus", SHIFT, "--events", path, "--junit", report)
    said = call(*words)
    assert said.code == 1
    assert "missing" in said.out
    assert max(map(len, said.out.splitlines()[1:])) <= 80
    document = json.loads(call(*words, "--json").out)
    assert document["counts"] == {"missing": 1, "sequence": 1}
    assert {one["kind"] for one in document["findings"]} == {"missing", "sequence"}
    assert ElementTree.parse(report).getroot().get("failures") == "2"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--ignore", "tag_mc"), "--ignore tag_mc: no event has such a field"),
        (("--events", "nowhere.ndjson"), "nowhere.ndjson"),
        (("--events", "sqlite:///nowhere.db"), "nowhere.db: no such file"),
    ],
)
def test_a_slip_is_one_sentence(logged, words, text):
    said = call("judge", "--stimulus", SHIFT, "--events", logged(), *words)
    assert text in sentence(said)
    assert said.code == 2


@pytest.mark.parametrize("tolerance", ["nan", "inf", "-1"])
def test_a_tolerance_that_is_no_time_is_refused(logged, tolerance):
    said = call("judge", "--stimulus", SHIFT, "--events", logged(), "--tolerance", tolerance)
    assert said.code == 2
    assert "--tolerance" in said.err


@pytest.mark.parametrize("name", ["shift.ndjson", "dut.ndjson", "hard.ndjson", "soft.ndjson"])
def test_a_report_never_replaces_what_is_read(logged, tmp_path, name):
    path, shift = logged(), tmp_path / "shift.ndjson"
    shift.write_bytes(SHIFT.read_bytes())
    (tmp_path / "hard.ndjson").hardlink_to(path)
    (tmp_path / "soft.ndjson").symlink_to(shift)
    words = ("judge", "--stimulus", shift, "--events", path, "--junit", tmp_path / name)
    assert name in sentence(call(*words))
    assert shift.read_bytes() == SHIFT.read_bytes()


def test_foreign_words_are_shown_as_they_stand(logged, tmp_path):
    path = logged().rename(tmp_path / "dut[b].ndjson")
    event = {
        "device_id": "ACT-3F8A21B4",
        "firmware_version": "0.1.0",
        "event_type": "[/x]",
        "timestamp_utc": "[/x]",
        "sequence_number": 1,
        "payload": {"a": "[/b]"},
    }
    with path.open("a") as file:
        file.write(json.dumps(event) + '\n["x",5,null,NaN]\n')
    said = call("judge", "--stimulus", SHIFT, "--events", path)
    assert said.code == 1
    assert "[/x]" in said.out
    document = call("judge", "--stimulus", SHIFT, "--events", path, "--json").out
    assert json.loads(document, parse_constant=pytest.fail)["counts"]["schema"] >= 4


def test_what_the_ingest_keeps_is_judged_without_a_script(tmp_path):
    store = SqliteStore(tmp_path / "ingest.db")
    events = [line.event for line in read_stimulus(SHIFT).events]
    store.add_batch(events, "2026-03-14T08:33:00Z")
    store.close()
    address = f"sqlite:///{tmp_path}/ingest.db"
    said = call("judge", "--stimulus", SHIFT, "--events", address)
    assert said.code == 0, said.out


def test_a_port_that_is_none_is_one_sentence(tmp_path):
    config = tmp_path / "device_config.json"
    config.write_text('{"device_id":"ACT-3F8A21B4"}')
    said = call("provision", "--port", "serial:/nonexistent", "--config", config)
    assert "--port serial:/nonexistent" in sentence(said)
    assert said.code == 2
