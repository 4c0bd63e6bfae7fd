"""What goes out with a release: version, changelog, citation, templates, action, container."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
import yaml

from scripts.check_release import faults
from tests.docs.pages import faults_of
from tests.paths import ROOT

LOG = "# Changelog\n\n## {}\n\n- It is there.\n"


def test_this_tree_is_in_step():
    assert faults(ROOT, None) == []


@pytest.mark.parametrize(
    ("version", "heading", "wrong"),
    [
        ("1.2.3", "1.2.3 - 2026-03-14", []),
        ("1.2.4", "1.2.3 - 2026-03-14", ["pyproject.toml: version is 1.2.3", "no '## 1.2.4"]),
        ("1.2.3", "Unreleased", ["no '## 1.2.3 - DATE'"]),
        ("1.2.3", "Unreleased\n\n## 1.2.3 - 2026-03-14", ["does not stand first"]),
        (None, "soon", ["write it as"]),
    ],
)
def test_a_version_without_its_entry_does_not_go_out(tmp_path, version, heading, wrong):
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    (tmp_path / "CITATION.cff").write_text("version: 1.2.3\n")
    (tmp_path / "CHANGELOG.md").write_text(LOG.format(heading))
    found = faults(tmp_path, version)
    assert len(found) == len(wrong)
    assert all(words in one for words, one in zip(wrong, found, strict=True))


def test_the_action_judges_by_options_that_there_are():
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    (step,) = (one for one in action["runs"]["steps"] if one.get("name") == "Judge")
    assert set(step["env"]) == {name.upper() for name in action["inputs"]}
    assert "${{" not in step["run"]  # an input is never part of the script: it could be one
    for what in ("--core X", "--events X"):
        words = f"judge --stimulus X {what} --junit X".split()
        assert faults_of(words) is None


def test_the_step_of_the_action_does_what_it_says(tmp_path):
    """The script itself, run as GitHub would, but for its runner."""
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    (step,) = (one for one in action["runs"]["steps"] if one.get("name") == "Judge")
    (tmp_path / "badge").write_text(f'#!/bin/sh\nexec {sys.executable} -m badge "$@"\n')
    (tmp_path / "badge").chmod(0o755)
    walk = ROOT / "sim" / "demo" / "input" / "shift.gpx"
    environment = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "STIMULUS": "r.ndjson",
        "EVENTS": "e.ndjson",
        "CORE": "",
        "JUNIT": "report.xml",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }

    def bash(script):
        return subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )

    made = bash(f"badge record --track {walk} --out r.ndjson --events e.ndjson")
    assert made.returncode == 0, made.stderr
    done = bash(step["run"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "<testsuite" in (tmp_path / "report.xml").read_text()
    assert "### badge judge" in (tmp_path / "summary.md").read_text()
    lines = (tmp_path / "e.ndjson").read_text().splitlines()
    (tmp_path / "e.ndjson").write_text("\n".join(lines[:-3]) + "\n")
    assert bash(step["run"]).returncode == 1


def test_containers_run_without_rights_by_commands_that_there_are():
    file = (ROOT / "Dockerfile").read_text("utf-8")
    assert "\nUSER 10001\n" in file
    assert all(re.search(r":\d", image) for image in re.findall(r"^FROM (\S+)", file, re.M))
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    for service in compose["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert faults_of(service["command"]) is None
    assert compose["services"]["ingest"]["ports"] == ["127.0.0.1:8080:8080"]


def test_templates_are_yaml_with_what_is_needed():
    for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"):
        document = yaml.safe_load(path.read_text("utf-8"))
        assert json.dumps(document)
        if path.stem != "config":
            assert {"name", "description", "body"} <= set(document)
