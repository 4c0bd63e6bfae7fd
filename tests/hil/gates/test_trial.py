"""The exit gates: met by the reference, missed when something is wrong, and reported."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from badge.errors import InputError
from hil.gates import virtual as gates_virtual
from hil.gates.cli import gate
from hil.gates.figures import exactly
from hil.gates.trial import Measurement, Trial


def figures_of(measured):
    return {figure.name: figure for figure in measured.figures}


@pytest.mark.parametrize("key", ["2", "3", "5", "outage"])
def test_the_reference_meets_them(key):
    trial = Trial("virtual", gates_virtual.gates())
    result = trial.run(key)
    assert result.passed, result.figures
    assert result.samples


def test_the_same_seed_gives_the_same_figures():
    assert gates_virtual.detection(3) == gates_virtual.detection(3)
    assert gates_virtual.positions(1) != gates_virtual.positions(2)


def test_gate_3_is_run_at_every_metre():
    assert list(gates_virtual.detection(0).shares) == list(range(1, 16))


def test_a_tag_in_step_with_the_scanner_fails_gate_3(monkeypatch):
    monkeypatch.setattr("hil.gates.virtual_world.TAG_INTERVAL_MS", 200)
    figures = figures_of(gates_virtual.detection(0))
    assert not figures["cycles that detect the tag at 5 m"].met


def test_an_ingest_that_forgets_fails_the_outage_gate(monkeypatch):
    kept = gates_virtual.MemoryIngest.post

    def forgets(self, upload):
        answer = kept(self, upload)
        if upload.first_sequence > 100:
            self.store._db.execute("DELETE FROM raw_events WHERE sequence_number = 101")
        return answer

    monkeypatch.setattr(gates_virtual.MemoryIngest, "post", forgets)
    figures = figures_of(gates_virtual.outage(0))
    assert [name for name, figure in figures.items() if not figure.met] == ["events lost"]


def test_the_command_reports_three_ways(tmp_path):
    words = ["2", "3", "--report", str(tmp_path / "r.md"), "--junit", str(tmp_path / "r.xml")]
    words += ["--plot", str(tmp_path / "r.svg")]
    result = CliRunner().invoke(gate, words)
    assert result.exit_code == 0, result.output
    assert max(map(len, result.output.splitlines()[:-3])) <= 80
    report = (tmp_path / "r.md").read_text()
    assert "Signed off by" in report
    assert report.count("\n| 5 |") + report.count("\n| 10 |") >= 200, "every sample is there"
    assert ElementTree.parse(tmp_path / "r.xml").getroot().get("tests") == "8"
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
