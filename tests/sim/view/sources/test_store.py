import sqlite3

import pytest

from badge.errors import InputError
from sim.ingest.store.sqlite import SqliteStore
from sim.view.sources.store import IngestTables, is_store, open_store, path_of


def event(number, device="ACT-00000001"):
    return {
        "device_id": device,
        "firmware_version": "0.1.0",
        "event_type": "upload_heartbeat",
        "timestamp_utc": "2026-03-14T10:42:00Z",
        "sequence_number": number,
        "payload": {},
    }


@pytest.fixture
def store(tmp_path):
    made = SqliteStore(tmp_path / "x.db")
    made.add_batch([event(1), event(2)], "2026-03-14T10:52:00Z")
    yield made
    made.close()


def test_what_was_accepted_is_shown_with_its_delay(store, tmp_path):
    opened = open_store(tmp_path / "x.db")
    assert opened.picture.tables["events"]["lag_s"].tolist() == [600.0, 600.0]
    assert opened.about(0)["event"] == event(1)
    assert opened.about(0)["truth"] == {"received_at": "2026-03-14T10:52:00Z"}


def test_what_comes_later_is_taken_once_also_older_numbers_and_other_badges(store, tmp_path):
    tables = IngestTables(tmp_path / "x.db")
    assert tables.read() == 2
    store.add_batch([event(5), event(6)], "2026-03-14T10:53:00Z")
    assert tables.read() == 2
    store.add_batch([event(4), event(6)], "2026-03-14T10:54:00Z")
    store.add_batch([event(1, "ACT-00000002")], "2026-03-14T10:54:00Z")
    assert tables.read() == 2
    assert tables.read() == 0
    assert tables.details(4)["event"]["sequence_number"] == 4


def test_another_database_and_a_file_that_is_none_are_refused(tmp_path):
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE x (y)")
    other.close()
    (tmp_path / "text").write_text("x")
    assert not is_store(tmp_path / "text")
    for name in ("other.db", "text"):
        with pytest.raises(InputError, match="no database of badge serve"):
            open_store(tmp_path / name)


def test_it_may_be_named_as_badge_reconcile_names_it():
    assert str(path_of("sqlite:////a/b%20c.db")) == "/a/b c.db"
    assert str(path_of("x.db")) == "x.db"
