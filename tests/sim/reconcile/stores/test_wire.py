"""A store's rows come back as the events that were sent."""

import json
import sqlite3
from contextlib import closing

import pytest

from badge.errors import InputError
from sim.ingest.store.sqlite import SqliteStore
from sim.reconcile.stores.names import parse_names
from sim.reconcile.stores.open import open_store
from sim.reconcile.stores.wire import wire_events

GPS = {"lat": 45.1, "lon": 16.2, "accuracy_m": 3.0, "fix_type": "3d"}
EVENTS = [
    {
        "device_id": "ACT-0000000A",
        "firmware_version": "0.3.0",
        "event_type": kind,
        "timestamp_utc": f"2026-03-14T08:00:{number:02}Z",
        "sequence_number": number,
        "payload": payload,
    }
    for number, (kind, payload) in enumerate(
        [("upload_heartbeat", {}), ("gps", GPS), ("shift_start", {"worker_id": "Ž-1"})], start=1
    )
]


def read(address, tables=(), columns=()):
    with open_store(str(address)) as store:
        return [event for _, event in wire_events(store, parse_names(tables, columns))]


def test_what_our_ingest_holds_is_what_was_sent(tmp_path):
    store = SqliteStore(tmp_path / "x.db")
    store.add_batch(EVENTS, "2026-03-14T09:00:00Z")
    store.close()
    assert read(tmp_path / "x.db") == EVENTS


def test_batches_and_events_in_a_file(tmp_path):
    (tmp_path / "x.ndjson").write_text(json.dumps(EVENTS) + "\n" + json.dumps(EVENTS[0]) + "\n")
    assert read(tmp_path / "x.ndjson") == [*EVENTS, EVENTS[0]]


def test_a_flat_table_under_names_of_its_own(tmp_path):
    with closing(sqlite3.connect(tmp_path / "x.db")) as database:
        database.execute("CREATE TABLE e (dev, seq, kind, at, lat, lon, accuracy_m, fix_type)")
        database.execute(
            "INSERT INTO e VALUES ('ACT-0000000A', 2, 'gps', '2026-03-14 08:00:02+00', ?, ?, ?, ?)",
            list(GPS.values()),
        )
        database.commit()
    columns = ["device_id=dev", "sequence_number=seq", "event_type=kind", "event_timestamp=at"]
    assert read(tmp_path / "x.db", ["e"], columns) == [{**EVENTS[1], "firmware_version": "0.1.0"}]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"sequence_number": None}, "has no device_id, sequence_number or event_type"),
        ({"timestamp_utc": "soon"}, "its time 'soon' cannot be read"),
        ({"payload": "{"}, "payload: not JSON"),
        ({"payload": []}, "payload: expected a JSON object"),
    ],
)
def test_a_row_that_is_no_event_is_one_sentence_with_its_place(tmp_path, change, says):
    (tmp_path / "x.ndjson").write_text(
        json.dumps(EVENTS[0]) + "\n" + json.dumps({**EVENTS[1], **change}) + "\n"
    )
    with pytest.raises(InputError, match=f"x.ndjson event 2: {says}"):
        read(tmp_path / "x.ndjson")
