import json

import pytest

from sim.view.sources.report import open_report, open_verdict, read_report

AT = "2026-03-14T10:42:00Z"
EVENT = {"device_id": "ACT-00000001", "event_type": "gps", "timestamp_utc": AT}
EVENT |= {"sequence_number": 7, "payload": {}}
FINDING = {"kind": "missing", "event_type": "gps", "at": AT, "text": "x", "wanted": EVENT}


def test_both_sides_of_a_verdict_are_shown_and_each_finding_is_marked():
    opened = open_verdict([EVENT], [{**EVENT, "sequence_number": 8}, "rubbish"], [FINDING], "x")
    document, tables = opened.picture.document, opened.picture.tables
    assert [one["id"] for one in document["devices"]] == ["reference", "device"]
    assert document["texts"] == ["missing gps x"]
    row = int(tables["marks"]["event"][0])
    assert opened.about(row)["findings"] == ["missing gps x"]


def test_a_finding_of_both_sides_marks_both_and_says_what_differs():
    logged = {**EVENT, "sequence_number": 8, "payload": {"lat": 1}}
    found = {**FINDING, "kind": "wrong field", "logged": logged}
    picture = open_verdict([EVENT], [logged], [found], "x").picture
    (both,) = picture.document["sides"]["marks"]
    assert [field[0] for field in both["fields"]] == ["sequence_number", "payload.lat"]
    marks, devices = picture.tables["marks"], picture.tables["events"]["device"]
    assert [int(devices[int(marks[name][0])]) for name in ("event", "other")] == [0, 1]


def test_a_judges_report_shows_the_events_of_its_findings(tmp_path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"findings": [FINDING, {"at": "?"}, "x"]}))
    report = read_report(path)
    assert open_report(report, "x").picture.rows == 1


def test_a_gates_report_is_a_table_and_what_failed_comes_first():
    figures = [{"name": n, "value": "1", "wanted": "2", "met": n == "a"} for n in "ab"]
    opened = open_report({"where": "here", "gates": {"2": {"figures": figures}}}, "x")
    rows = opened.picture.document["facts"]["report"]["rows"]
    assert [row[1] for row in rows] == ["b", "a"]


def test_a_conformance_shows_what_failed_first_and_its_whole_story():
    told = {"expected": "202", "asked": "POST x", "answered": "200 {}", "again": "curl x"}
    checks = [
        {"name": "a", "clause": "4", "level": "must", "verdict": "passed"},
        {"name": "b", "clause": "4", "level": "must", "verdict": "skipped", "why": "no key"},
        {"name": "c", "clause": "5", "level": "should", "verdict": "failed", **told},
        "rubbish",
    ]
    report = open_report({"url": "http://x", "checks": checks}, "x").picture.document["facts"][
        "report"
    ]
    assert [(row[0], row[-1]) for row in report["rows"]] == [("c", False), ("b", None), ("a", True)]
    assert report["words"] == ["1 failed, 1 skipped, 1 passed", "not made (1): no key"]
    (story,) = report["stories"]
    assert story["title"] == "c (should)"
    assert dict(story["parts"]) == {**told, "clause": "5"}


@pytest.mark.parametrize("text", ["[]", "{}", "x", "4"])
def test_what_is_no_report_is_none(tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    assert read_report(tmp_path / "x.json") is None
