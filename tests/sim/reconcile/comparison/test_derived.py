"""Parcels, workers and sessions: precision, recall, and minutes off."""

from __future__ import annotations

from tests.sim.reconcile.site import (
    TRUE_SESSION,
    Ran,
    events,
    judged,
    row_of,
    told,
    write_lines,
    write_run,
    write_sqlite,
)


def conclusion(event, parcel_id="14-0078", worker_id="W-007"):
    key = {name: event[name] for name in ("device_id", "sequence_number")}
    return {**key, "parcel_id": parcel_id, "worker_id": worker_id}


def test_right_conclusions_are_all_right(tmp_path):
    log = events()
    ran, document = judged(tmp_path, log, [conclusion(event) for event in log], [TRUE_SESSION])
    assert ran.code == 0
    assert {name: s["precision"] for name, s in document["conclusions"].items()} == {
        "parcel": 1.0,
        "worker": 1.0,
        "session": 1.0,
    }
    assert document["session_minutes"]["common"] == 30
    assert told(tmp_path / "all") == []


def test_wrong_parcels_cost_precision_and_none_cost_recall(tmp_path):
    log = events(badges=1, each=10)
    canonical = [conclusion(event) for event in log]
    canonical[0]["parcel_id"] = "14-0079"  # wrong
    canonical[1]["parcel_id"] = None  # not found
    del canonical[2]  # never looked at
    ran, document = judged(tmp_path, log, canonical)
    assert document["conclusions"]["parcel"] == {
        "true": 10,
        "held": 8,
        "right": 7,
        "precision": 7 / 8,
        "recall": 0.7,
    }
    assert document["conclusions"]["worker"]["recall"] == 0.9
    assert [one["kind"] for one in told(tmp_path / "all")].count("parcel") == 3
    assert ran.code == 0, "a satellite's error is no lost event"


def test_a_parcel_where_nobody_was_is_wrong(tmp_path):
    log = [{**event, "parcel_id": None, "worker_id": None} for event in events(1, 4)]
    _, document = judged(tmp_path, log, [conclusion(event) for event in log])
    assert document["conclusions"]["parcel"]["precision"] == 0
    assert document["conclusions"]["parcel"]["recall"] is None


def test_conclusions_about_events_that_nobody_logged_are_wrong(tmp_path):
    log = events(1, 4)
    canonical = [*map(conclusion, log), conclusion({**log[0], "sequence_number": 99})]
    _, document = judged(tmp_path, log, canonical)
    assert document["conclusions"]["worker"]["precision"] == 4 / 5


def test_only_gps_events_have_a_parcel_to_find(tmp_path):
    log = [*events(1, 2), {**events(1, 3)[2], "event_type": "motion"}]
    _, document = judged(tmp_path, log, [conclusion(event) for event in log])
    assert document["conclusions"]["parcel"]["true"] == 2
    assert document["conclusions"]["worker"]["true"] == 3


def test_what_was_not_delivered_cannot_be_concluded(tmp_path):
    log = events(1, 3)
    log[2] |= {"delivered": False, "undelivered_why": "battery"}
    _, document = judged(tmp_path, log, [conclusion(event) for event in log[:2]])
    assert document["conclusions"]["worker"]["recall"] == 1.0


def test_a_threshold_decides_the_exit_code(tmp_path):
    log = events(1, 10)
    canonical = [conclusion(event) for event in log][:9]
    assert judged(tmp_path / "a", log, canonical, None, "--at-least", "0.9")[0].code == 0
    short, _ = judged(tmp_path / "b", log, canonical, None, "--at-least", "0.91")
    assert short.code == 1
    assert "--at-least 0.91: the recall of parcels is 0.9000" in short.stderr
    ran, _ = judged(tmp_path / "c", log, None, None, "--at-least", "0.9")
    assert (ran.code, "there is nothing to judge" in ran.stderr) == (2, True)


def test_a_table_of_that_name_with_other_columns_is_a_note(tmp_path):
    run = write_run(tmp_path / "run", events(), [])
    address = write_sqlite(tmp_path / "held.db", [row_of(event) for event in events()])
    write_sqlite(tmp_path / "held.db", [{"hours": 8}], "work_sessions")
    ran = Ran(run, "--against", address)
    assert ran.code == 0
    assert "not compared: work_sessions has no column worker_id; it has hours" in ran.stderr
    assert Ran(run, "--against", address, "--table", "work_sessions=work_sessions").code == 2


def test_of_a_store_in_files_the_others_are_files_too(tmp_path):
    run = write_run(tmp_path / "run", events(), [TRUE_SESSION])
    held = write_lines(tmp_path / "held.ndjson", [row_of(event) for event in events()])
    sessions = write_lines(tmp_path / "sessions.ndjson", [TRUE_SESSION])
    lines = Ran(run, "--against", held, "--table", f"work_sessions={sessions}").stdout.splitlines()
    assert ["sessions", "1", "1", "1", "100.0", "%", "100.0", "%"] in map(str.split, lines)
