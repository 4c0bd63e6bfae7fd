"""DuckDB as a warehouse leaves it: its own types, views, and a file that is none."""

from __future__ import annotations

import json

import pytest

from badge.errors import InputError
from sim.reconcile.stores.duckdb import opened
from tests.sim.reconcile.site import Ran, events, write_lines

duckdb = pytest.importorskip("duckdb", reason="a DuckDB file needs duckdb")


@pytest.fixture
def path(tmp_path):
    """Events in the types that DuckDB gives them: a timestamp with its zone, a struct."""
    log = write_lines(tmp_path / "log.ndjson", events())
    with duckdb.connect(str(tmp_path / "held.duckdb")) as database:
        database.execute(
            f"""CREATE TABLE raw_events AS SELECT device_id, sequence_number::BIGINT AS
            sequence_number, event_type, timestamp_utc::TIMESTAMPTZ AS event_timestamp, payload,
            firmware_version FROM read_json_auto('{log}') ORDER BY device_id, sequence_number"""
        )
        database.execute("CREATE VIEW seen AS SELECT * FROM raw_events")
        database.execute("CREATE SCHEMA ingest")
        database.execute("CREATE TABLE ingest.events AS SELECT * FROM raw_events")
    return tmp_path / "held.duckdb"


def change(path, statement):
    with duckdb.connect(str(path)) as database:
        database.execute(statement)


def test_its_own_types_mean_what_was_logged(path):
    log = path.parent / "log.ndjson"
    for address in (path, f"duckdb:///{path}"):
        ran = Ran(log, "--against", address)
        assert (ran.code, ran.stderr) == (0, "")
        assert "clean: every event" in ran.stdout
    assert Ran(log, "--against", path, "--table", "ingest.events").code == 0
    assert Ran(log, "--against", path, "--table", "seen").code == 0


def test_what_is_wrong_is_found(path):
    change(path, "DELETE FROM raw_events WHERE sequence_number = 5")
    change(path, "UPDATE raw_events SET event_timestamp = event_timestamp + INTERVAL 4 HOUR")
    ran = Ran(path.parent / "log.ndjson", "--against", path, "--json")
    told = json.loads(ran.stdout)
    assert ran.code == 1
    assert (told["differences"]["missing"], told["differences"]["altered"]) == (2, 22)
    assert any("is a local time stored as UTC?" in words for words in told["patterns"])


def test_tables_have_an_order_and_views_have_none(path):
    with opened(str(path)) as store:
        assert set(store.tables()) == {"raw_events", "seen", "ingest.events"}
        assert (store.is_ordered("raw_events"), store.is_ordered("seen")) == (True, False)
        assert store.size("raw_events") == 24
        assert store.columns("none") is None
        with pytest.raises(InputError, match="cannot be read as a DuckDB database"):
            list(store.rows("raw_events", ["none"]))


def test_what_is_none_is_one_sentence(tmp_path):
    (tmp_path / "x.duckdb").write_bytes(bytes(8) + b"DUCK" + bytes(90))
    for address, words in (
        (tmp_path / "x.duckdb", "cannot be read as a DuckDB database"),
        (f"duckdb:///{tmp_path}/none", "no such file; write duckdb:///FILE"),
        ("duckdb://x", "write duckdb:///FILE"),
    ):
        ran = Ran(write_lines(tmp_path / "log.ndjson", events()), "--against", address)
        assert ran.code == 2
        assert words in ran.stderr
