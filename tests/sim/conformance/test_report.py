from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from badge.host.junit import write_junit
from sim.conformance import report
from sim.conformance.run import chosen, conform
from tests.sim.conformance.faults import plant
from tests.sim.conformance.rig import backend


@pytest.fixture
def outcome(monkeypatch):
    plant("200 for 202", monkeypatch)
    with backend() as wrong:
        return conform(wrong, chosen(only=["one event", "empty array", "too old"]))


def test_a_failure_says_all_that_repeats_it(outcome):
    (failed,) = outcome.failures()
    text = "\n".join(report.lines(failed))
    for words in (
        "asked     POST",
        "answered  200",
        "expected  202",
        "clause    contract 4",
        "curl",
    ):
        assert words in text
    assert "ak_C" not in text


def test_the_sum_is_one_sentence(outcome):
    assert report.summary(outcome) == (
        "1 of 3 checks passed; 1 failed, 1 of them must be passed; 1 not made"
    )


def test_the_json_and_the_junit_tell_the_same(outcome, tmp_path):
    told = json.loads(json.dumps(report.document(outcome)))
    assert (told["passed"], told["failed"], told["skipped"]) == (1, 1, 1)
    write_junit(tmp_path / "r.xml", "conform", report.junit(outcome))
    suite = ElementTree.parse(tmp_path / "r.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")


def test_the_badge_counts_what_was_made_and_turns_red(outcome):
    drawn = report.svg(outcome)
    ElementTree.fromstring(drawn)
    assert "1/2 checks" in drawn
    assert "#c0392b" in drawn
