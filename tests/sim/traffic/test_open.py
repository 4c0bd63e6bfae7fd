"""Whatever holds events or batches is found by its first bytes."""

import json
import sqlite3

import pytest

from badge.errors import InputError
from sim.ingest.store.sqlite import SqliteStore
from sim.traffic.batches import Spool
from sim.traffic.open import by_device, open_traffic
from tests.sim.traffic.story import record_day, write_lines


@pytest.fixture
def day(tmp_path):
    return record_day(tmp_path / "ACT-0000000A.ndjson")


def numbers(addresses):
    with Spool() as spool:
        found = open_traffic([str(one) for one in addresses], spool)
        bodies = [json.loads(spool.body(batch)) for batch in found.batches]
    return [event["sequence_number"] for body in bodies for event in body]


def wanted(day):
    return [event["sequence_number"] for event in day.events]


def test_a_recording_and_a_folder_of_recordings(tmp_path, day):
    assert numbers([tmp_path / "ACT-0000000A.ndjson"]) == wanted(day)
    (tmp_path / "README.txt").write_text("no recording")
    assert numbers([tmp_path]) == wanted(day)


def test_batches_go_out_when_their_newest_event_had_been_logged(tmp_path, day):
    path = tmp_path / "batches.ndjson"
    path.write_bytes(b"".join(body + b"\n" for _, body in day.sent))
    with Spool() as spool:
        found = open_traffic([str(path)], spool)
        assert [spool.body(one) for one in found.batches] == [body for _, body in day.sent]
        for one, (ms, _) in zip(found.batches, day.sent, strict=True):
            assert one.moment_ms <= ms
    (tmp_path / "run").mkdir()
    path.rename(tmp_path / "run" / "batches.ndjson")
    assert numbers([tmp_path / "run"]) == wanted(day)


def test_events_of_a_run_a_file_and_a_store(tmp_path, day):
    run = tmp_path / "run"
    run.mkdir()
    write_lines(run / "events.ndjson", day.events)
    store = SqliteStore(tmp_path / "store.db")
    store.add_batch(list(reversed(day.events)), "2026-03-14T09:00:00Z")
    store.close()
    for address in (run, run / "events.ndjson", tmp_path / "store.db"):
        assert numbers([address]) == wanted(day), address
    assert numbers([f"sqlite:///{tmp_path / 'store.db'}"]) == wanted(day)


def test_an_event_that_a_store_holds_twice_counts_once(tmp_path, day):
    path = write_lines(tmp_path / "twice.ndjson", [*day.events, *day.events])
    ((device, events),) = [(name, list(group)) for name, group in by_device(str(path))]
    assert (device, events) == ("ACT-0000000A", day.events)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("gone", None, "no such file or folder"),
        ("empty.ndjson", b"", "nothing in it"),
        ("half.ndjson", b'[{"device_id":', "line 1"),
        ("odd.ndjson", b'{"a": 1}\n{"b": 2}\n', "has no column"),
        ("noise", bytes(range(128, 256)), "recording"),
    ],
)
def test_what_is_none_of_it_is_one_sentence(tmp_path, name, content, says):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with Spool() as spool, pytest.raises(InputError, match=says) as told:
        open_traffic([str(tmp_path / name)], spool)
    assert "\n" not in str(told.value)


def test_an_empty_folder_and_a_store_of_something_else(tmp_path):
    (tmp_path / "empty").mkdir()
    sqlite3.connect(tmp_path / "other.db").executescript("CREATE TABLE t (x); VACUUM")
    for name, says in (("empty", "neither a run"), ("other.db", "no table raw_events")):
        with Spool() as spool, pytest.raises(InputError, match=says):
            open_traffic([str(tmp_path / name)], spool)
