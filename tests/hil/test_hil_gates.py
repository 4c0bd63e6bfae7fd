"""The exit gates: met by the reference, missed when something is wrong, and reported."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from badge.errors import InputError
from hil import gates_virtual
from hil.gate_command import gate
from hil.gates import Trial, at_least, bars, below, exactly, markdown


@pytest.mark.parametrize("key", ["2", "3", "5", "outage"])
def test_the_reference_meets_them(key):
    trial = Trial("virtual", gates_virtual.GATES)
    result = trial.run(key)
    assert result.passed, result.figures
    assert result.samples


def test_the_same_seed_gives_the_same_figures():
    assert gates_virtual.detection(3) == gates_virtual.detection(3)
    assert gates_virtual.positions(1) != gates_virtual.positions(2)


def test_a_tag_in_step_with_the_scanner_fails_gate_3(monkeypatch):
    monkeypatch.setattr("hil.gates_stage.TAG_INTERVAL_MS", 200)
    figures, _, _ = gates_virtual.detection(0)
    assert not figures[0].met


def test_a_cloud_that_forgets_fails_the_outage_gate(monkeypatch):
    kept = gates_virtual.Cloud.post

    def forgets(self, upload):
        answer = kept(self, upload)
        if upload.first_sequence > 100:
            self.store._db.execute("DELETE FROM raw_events WHERE sequence_number = 101")
        return answer

    monkeypatch.setattr(gates_virtual.Cloud, "post", forgets)
    figures, _, _ = gates_virtual.outage(0)
    assert [figure.met for figure in figures] == [True, False, True, True]


def test_the_command_reports_three_ways(tmp_path):
    words = ["2", "3", "--report", str(tmp_path / "r.md"), "--junit", str(tmp_path / "r.xml")]
    result = CliRunner().invoke(gate, words)
    assert result.exit_code == 0, result.output
    assert max(map(len, result.output.splitlines()[:-1])) <= 80
    report = (tmp_path / "r.md").read_text()
    assert "Signed off by" in report
    assert report.count("\n| 5 |") + report.count("\n| 10 |") >= 200, "every sample is there"
    assert ElementTree.parse(tmp_path / "r.xml").getroot().get("tests") == "4"
    document = json.loads(CliRunner().invoke(gate, ["2", "--json"]).output)
    assert document["gates"]["2"]["figures"][1]["wanted"] == "at least 85 %"


def test_a_missed_gate_is_exit_code_1(monkeypatch):
    monkeypatch.setitem(gates_virtual.GATES, "2", lambda seed: ([exactly("n", 1, 2)], [], ""))
    result = CliRunner().invoke(gate, ["2"])
    assert result.exit_code == 1
    assert "NOT MET" in result.output


@pytest.mark.parametrize("words", [["6"], ["1", "--on", "real"]])
def test_what_does_not_exist_is_refused(words):
    assert isinstance(CliRunner().invoke(gate, words).exception, InputError)


def test_figures_and_bars():
    assert at_least("a", 85, 85).met
    assert not below("b", 50, 50).met
    assert not exactly("c", 49, 50).met
    assert bars({"1 m": 0.5}, {"1 m": "<-"}).count("█") == 20
    assert "passed" in markdown(Trial("virtual", {}), "1.0.0")
