"""The tables keep the laws that must hold whoever writes to the file."""

from __future__ import annotations

import sqlite3

import pytest

from sim.ingest.store import tables

ROW = ("ACT-3F8A21B4", 1, "gps", "2026-03-14T08:32:15Z", "{}", "0.3.1", "2026-03-14T08:32:16Z")


@pytest.fixture
def database():
    with sqlite3.connect(":memory:", isolation_level=None) as made:
        made.executescript(tables.LAYOUT)
        yield made


def test_the_file_says_whose_it_is_and_of_which_layout(database):
    assert database.execute("PRAGMA application_id").fetchone() == (tables.APPLICATION_ID,)
    assert database.execute("PRAGMA user_version").fetchone() == (tables.LAYOUT_VERSION,)


def test_an_event_is_there_once_and_the_first_content_stays(database):
    for kind in ("gps", "motion"):
        database.execute(tables.ADD_EVENT, (*ROW[:2], kind, *ROW[3:]))
    assert database.execute("SELECT event_type FROM raw_events").fetchall() == [("gps",)]
    with pytest.raises(sqlite3.IntegrityError):
        database.execute("INSERT INTO raw_events VALUES (?, ?, ?, ?, ?, ?, ?)", ROW)


def test_a_number_is_a_number(database):
    with pytest.raises(sqlite3.IntegrityError):
        database.execute(tables.ADD_EVENT, (ROW[0], "one", *ROW[2:]))


def test_tallies_and_conflicts_add_up_and_the_latest_moment_stands(database):
    for at, new in (("2026-03-14T08:32:16Z", 3), ("2026-03-14T08:00:00Z", 4)):
        database.execute(tables.ADD_TALLY, ("ACT-3F8A21B4", at, new, 1, 0))
        database.execute(tables.ADD_CONFLICT, ("ACT-3F8A21B4", 7, at))
    assert database.execute("SELECT last_seen_at, events, duplicates FROM tallies").fetchone() == (
        ("2026-03-14T08:32:16Z", 7, 2)
    )
    assert database.execute("SELECT times FROM conflicts").fetchone() == (2,)
    assert database.execute(tables.COUNTS).fetchone() == (0, 1, 7, 2, 0, 0, 0)


def test_a_status_goes_by_the_numbers(database):
    shifts = [(2, "shift_end", "{}"), (1, "shift_start", '{"worker_id": "W-7"}')]
    for number, kind, payload in shifts:
        database.execute(tables.ADD_EVENT, (ROW[0], number, kind, ROW[3], payload, *ROW[5:]))
    database.execute(tables.ADD_TALLY, (ROW[0], ROW[6], 2, 0, 0))
    assert database.execute(tables.SIGHTING, (ROW[0],)).fetchone() == (ROW[6], "0.3.1", None, None)
    database.execute("DELETE FROM raw_events WHERE event_type = 'shift_end'")
    assert database.execute(tables.SIGHTING, (ROW[0],)).fetchone()[2] == "W-7"
