"""`badge gate`: the figures on the terminal, as a report, and as an exit code."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from badge.errors import InputError
from hil.gates import virtual as gates_virtual
from hil.gates.cli import gate
from hil.gates.figures import exactly
from hil.gates.trial import Measurement


def test_the_command_reports_three_ways(tmp_path):
    words = ["2", "3", "--report", str(tmp_path / "r.md"), "--junit", str(tmp_path / "r.xml")]
    words += ["--plot", str(tmp_path / "r.svg")]
    result = CliRunner().invoke(gate, words)
    assert result.exit_code == 0, result.output
    assert max(map(len, result.output.splitlines()[:-3])) <= 80
    report = (tmp_path / "r.md").read_text()
    assert "Signed off by" in report
    assert report.count("\n| 5 |") + report.count("\n| 10 |") >= 200, "every sample is there"
    assert ElementTree.parse(tmp_path / "r.xml").getroot().get("tests") == "10"
    assert b"<svg" in (tmp_path / "r.svg").read_bytes()
    document = json.loads(CliRunner().invoke(gate, ["2", "--json"]).output)
    assert document["gates"]["2"]["figures"][1]["wanted"] == "at least 85 %"


def test_a_missed_gate_is_exit_code_1(monkeypatch):
    monkeypatch.setitem(
        gates_virtual.GATES, "2", lambda seed, tell: Measurement((exactly("n", 1, 2),))
    )
    result = CliRunner().invoke(gate, ["2"])
    assert result.exit_code == 1
    assert "NOT MET" in result.output


@pytest.mark.parametrize(
    "words", [["6"], ["1", "--on", "real"], ["3", "--plot", "a.txt"], ["2", "--plot", "a.svg"]]
)
def test_what_does_not_exist_is_refused(words):
    assert isinstance(CliRunner().invoke(gate, words).exception, InputError)


@pytest.mark.parametrize("option", ["--report", "--junit"])
@pytest.mark.parametrize("name", ["dut.ndjson", "config.json", "link.md"])
def test_a_report_never_replaces_what_is_read(tmp_path, option, name):
    events, config = tmp_path / "dut.ndjson", tmp_path / "config.json"
    events.write_text("{}\n")
    config.write_text('{"device_id":"ACT-3F8A21B4"}')
    (tmp_path / "link.md").symlink_to(events)
    words = ["1", "--on", str(events), "--config", str(config), option, str(tmp_path / name)]
    result = CliRunner().invoke(gate, words)
    assert isinstance(result.exception, InputError)
    assert "named twice" in str(result.exception)
    assert events.read_text() == "{}\n"


def test_a_picture_that_finds_no_room_is_said_and_leaves_no_half(tmp_path):
    full = tmp_path / "gate3.svg"
    full.symlink_to("/dev/full")
    result = CliRunner().invoke(gate, ["3", "--plot", str(full)])
    assert isinstance(result.exception, OSError)
    assert "gate3.svg" in str(result.exception)
