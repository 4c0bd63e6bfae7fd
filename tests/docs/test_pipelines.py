"""docs/pipelines.md: the one line that it says is run by tests, is."""

from __future__ import annotations

import shlex

import yaml

from tests.command import call
from tests.docs.pages import fenced
from tests.paths import DOCS, ROOT


def test_the_line_judges_a_build_and_writes_its_report(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    walk = ROOT / "sim" / "demo" / "input" / "shift.gpx"
    made = call("record", "--track", walk, "--out", "shift.ndjson", "--events", "dut.ndjson")
    assert made.code == 0, made.err
    program, *line = shlex.split(fenced(DOCS / "pipelines.md")[0].text)
    assert program == "badge"
    assert call(*line).code == 0
    assert "<testsuite" in (tmp_path / "report.xml").read_text()
    logged = (tmp_path / "dut.ndjson").read_text().splitlines(keepends=True)
    (tmp_path / "dut.ndjson").write_text("".join(logged[:-3]))
    assert call(*line).code == 1
    (tmp_path / "dut.ndjson").unlink()
    assert call(*line).code == 2


def test_the_hosted_workflow_names_the_three_systems_and_interpreters():
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))["jobs"]
    for name in ("tests", "packages"):
        matrix = jobs[name]["strategy"]["matrix"]
        more = [one["system"] for one in matrix.get("include", ())]
        assert {one.partition("-")[0] for one in (*matrix["system"], *more)} == {
            "ubuntu",
            "macos",
            "windows",
        }
        assert matrix["python"] == ["3.11", "3.12", "3.13"]
