"""`badge judge` and `badge provision`: what they print, and their exit codes."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from hil.dut.stimulus import expected_events
from tests.command import call, sentence
from tests.paths import EXAMPLES

SHIFT = EXAMPLES / "firmware_bench" / "shift.ndjson"


@pytest.fixture
def logged(tmp_path):
    """Write what a device logged; `spoil` changes it first."""

    def write(spoil=lambda events: None):
        events = [line.event for line in expected_events(SHIFT)]
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


def test_a_port_that_is_none_is_one_sentence(tmp_path):
    config = tmp_path / "device_config.json"
    config.write_text('{"device_id":"ACT-3F8A21B4"}')
    said = call("provision", "--port", "serial:/nonexistent", "--config", config)
    assert "--port serial:/nonexistent" in sentence(said)
    assert said.code == 2
