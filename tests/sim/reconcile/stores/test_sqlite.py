"""SQLite as it is found: views, tables without rowids, other programs at work, bad text."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from badge.errors import InputError
from sim.reconcile.stores.sqlite import opened
from tests.sim.reconcile.site import Ran, events, row_of, write_lines, write_sqlite

ROWS = [row_of(event) for event in events()]


@pytest.fixture
def path(tmp_path):
    write_sqlite(tmp_path / "held.db", ROWS)
    return tmp_path / "held.db"


def changed(path, *statements):
    with closing(sqlite3.connect(path)) as database, database:
        for statement in statements:
            database.execute(statement)


@pytest.mark.parametrize(
    ("statement", "is_ordered"),
    [
        ("CREATE VIEW t AS SELECT * FROM raw_events", False),
        ("CREATE TABLE t (a PRIMARY KEY) WITHOUT ROWID", False),
        ("CREATE TABLE t (a INTEGER PRIMARY KEY, rowid, _rowid_, oid)", False),
        ("CREATE TABLE t (a, rowid)", True),
        ("CREATE TABLE t (a)", True),
    ],
)
def test_only_rowids_tell_the_order(statement, is_ordered, path):
    changed(path, statement)
    with opened(str(path)) as store:
        assert store.is_ordered("t") == is_ordered
        assert store.tables() == ["raw_events", "t"]


def test_a_column_that_is_none_is_not_taken_for_a_word(path):
    with opened(str(path)) as store:
        assert store.columns("nothing") is None
        with pytest.raises(InputError, match="cannot be read as a SQLite database"):
            list(store.rows("nothing", ["a"]))


def test_it_sees_one_moment_while_another_program_writes(path):
    changed(path, "PRAGMA journal_mode = WAL")
    with opened(str(path)) as store, closing(sqlite3.connect(path)) as writer, writer:
        writer.execute("DELETE FROM raw_events")
        writer.commit()
        assert store.size("raw_events") == len(ROWS)


def test_what_another_program_left_unfinished_is_read_but_not_finished(path, tmp_path):
    """After a crash the newest rows are in the write-ahead log: they count, and stay there."""
    changed(path, "PRAGMA journal_mode = WAL")
    with closing(sqlite3.connect(path)) as writer, writer:
        writer.execute("DELETE FROM raw_events WHERE rowid = 3")
        writer.commit()
        for name in ("held.db", "held.db-wal"):
            (tmp_path / f"crashed-{name}").write_bytes((tmp_path / name).read_bytes())
    crashed = tmp_path / "crashed-held.db"
    before = crashed.read_bytes()
    ran = Ran(write_lines(tmp_path / "log", events()), "--against", crashed)
    assert "missing             1" in ran.stdout
    assert crashed.read_bytes() == before


def test_text_that_is_no_utf_8_is_a_difference(path, tmp_path):
    changed(path, "UPDATE raw_events SET event_type = CAST(x'ff67' AS TEXT) WHERE rowid = 3")
    ran = Ran(write_lines(tmp_path / "log", events()), "--against", path)
    assert ran.code == 1
    assert "altered             1" in ran.stdout


def test_spaces_and_question_marks_in_a_path_are_the_path(tmp_path):
    address = write_sqlite(tmp_path / "a b?mode=rw#%41.db", ROWS)
    log = write_lines(tmp_path / "log", events())
    assert Ran(log, "--against", address.replace("%", "%25")).code == 0
    assert Ran(log, "--against", tmp_path / "a b?mode=rw#%41.db").code == 0


def test_a_damaged_schema_is_one_sentence_whatever_its_bytes(path):
    """The message of sqlite3 holds the schema's own bytes, which need not be UTF-8."""
    content = path.read_bytes()
    path.write_bytes(content.replace(b"CREATE TABLE", b"CREATE TAB\xff\xfe", 1))
    with pytest.raises(InputError, match="cannot be read as a SQLite"), opened(str(path)):
        pass
