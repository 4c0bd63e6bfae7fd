"""The command: a real run is clean, what it prints fits, every mistake is one sentence."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tracemalloc
from contextlib import closing

import pytest

from badge.config import BadgeConfig
from sim.ingest.launch import launch_ingest
from sim.ingest.store.sqlite import SqliteStore
from sim.record.session import SessionOptions, run_session
from sim.sources.open import read_track
from tests.sim.reconcile.site import (
    Ran,
    events,
    row_of,
    told,
    write_lines,
    write_parquet,
    write_run,
    write_sqlite,
)

POINT = '<trkpt lat="{:.6f}" lon="-84.0"><time>2026-03-14T{:02}:{:02}:00Z</time></trkpt>'


@pytest.fixture(scope="session")
def real_run(tmp_path_factory):
    """A badge on a walk of two hours, with uploads into the reference ingest."""
    folder = tmp_path_factory.mktemp("walk")
    points = "".join(POINT.format(33.7 + m / 1e4, 8 + m // 60, m % 60) for m in range(121))
    (folder / "walk.gpx").write_text(
        '<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'
        f"{points}</trkseg></trk></gpx>"
    )
    with launch_ingest(SqliteStore(folder / "ingest.db")) as server:
        options = SessionOptions(
            BadgeConfig(device_id="ACT-3F8A21B4"),
            read_track(folder / "walk.gpx"),
            None,
            worker_id="W-007",
            events=folder / "events.ndjson",
            url=server.url,
        )
        run_session(options, lambda now_ms, end_ms: None)
    return folder


@pytest.mark.parametrize("options", [(), ("--order-by", "received_at")])
def test_the_reference_ingest_is_clean_after_a_real_run(options, real_run):
    database = f"sqlite:///{real_run}/ingest.db"
    ran = Ran(real_run / "events.ndjson", "--against", database, *options)
    assert ran.code == 0, ran.stdout
    assert "clean: every event" in ran.stdout
    count = len((real_run / "events.ndjson").read_text().splitlines())
    assert count > 100
    assert f"intact  {count}" in ran.stdout


def test_a_lost_row_of_the_reference_ingest_is_found(real_run, tmp_path):
    with closing(sqlite3.connect(real_run / "ingest.db")) as whole:
        whole.execute("VACUUM INTO ?", [str(tmp_path / "copy.db")])
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy, copy:
        copy.execute("DELETE FROM raw_events WHERE sequence_number = 7")
    ran = Ran(
        real_run / "events.ndjson", "--against", tmp_path / "copy.db", "--json", "--examples", 1
    )
    assert ran.code == 1
    document = json.loads(ran.stdout)
    assert document["differences"]["missing"] == 1
    assert document["examples"]["missing"][0]["sequence_number"] == 7


def test_the_log_is_its_own_store(tmp_path):
    """Events as sent, and batches of them, are rows too."""
    log = write_lines(tmp_path / "log.ndjson", events())
    batches = write_lines(tmp_path / "batches.ndjson", [events()[:12], events()[12:]])
    (tmp_path / "one.json").write_text(json.dumps(events(), indent=1))
    for held in (log, batches, tmp_path / "one.json"):
        assert Ran(log, "--against", held).code == 0


def test_names_of_the_backend_are_taken(tmp_path):
    theirs = {"device_id": "unit", "sequence_number": "n", "payload": 'body "raw"'}
    rows = [{theirs.get(k, k): v for k, v in row_of(e).items()} for e in events()]
    address = write_sqlite(tmp_path / "held.db", rows, 'ev"; DROP TABLE x; --')
    columns = [f"--column={ours}={name}" for ours, name in theirs.items()]
    log = write_lines(tmp_path / "log.ndjson", events())
    ran = Ran(log, "--against", address, "--table", 'ev"; DROP TABLE x; --', *columns)
    assert ran.code == 0, ran.stderr


def test_a_truth_folder_in_parquet_alone_will_do(tmp_path):
    folder = tmp_path / "run" / "truth"
    folder.mkdir(parents=True)
    rows = [{**e, "payload": json.dumps(e["payload"]), "delivered": True} for e in events()]
    write_parquet(folder / "events.parquet", rows)
    held = write_lines(tmp_path / "held.ndjson", [row_of(event) for event in events()])
    assert Ran(tmp_path / "run", "--against", held).code == 0


def test_a_table_with_a_column_for_each_field_of_the_payload_is_read(tmp_path):
    """As our own events.parquet, and as many a warehouse keeps it."""
    flat = [{**one, **one["payload"], "altitude_m": None} for one in events()]
    flat = [{k: v for k, v in one.items() if k != "payload"} for one in flat]
    logged = write_lines(tmp_path / "log.ndjson", events())
    assert Ran(logged, "--against", write_parquet(tmp_path / "held.parquet", flat)).code == 0
    flat[5]["lat"] += 1
    ran = Ran(logged, "--against", write_lines(tmp_path / "held.ndjson", flat), "--json")
    assert json.loads(ran.stdout)["differences"]["altered"] == 1


def test_the_report_fits_80_columns_and_shows_the_first_of_each_kind(tmp_path):
    rows = [row_of(event) for event in events(1, 40)]
    for row in rows[10:30]:
        row["event_timestamp"], row["event_type"] = "2026-03-14T13:00:00Z", "a\x1b[31mnother\n"
    address = write_sqlite(tmp_path / "held.db", rows[1:])
    ran = Ran(write_lines(tmp_path / "log", events(1, 40)), "--against", address)
    lines = ran.stdout.splitlines()
    assert max(map(len, lines[3:])) <= 80
    assert "\x1b" not in ran.stdout
    assert lines[3:11] == [
        "",
        "difference      count    ",
        "missing             1    ",
        "twice               0    ",
        "altered            20    ",
        "invented            0    ",
        "out of order        0    ",
        "",
    ]
    assert lines[11:15] == [
        "missing (all)",
        "  ACT-00000001 1 2026-03-14T08:00:15Z  gps",
        "",
        "altered (the first 5 of 20)",
    ]
    assert "21 differences" in lines


def test_the_file_of_differences_is_whole_or_not_there(tmp_path):
    log = write_lines(tmp_path / "log.ndjson", events())
    broken = tmp_path / "held.ndjson"
    broken.write_text(json.dumps(row_of(events()[0])) + "\n{oops\n")
    ran = Ran(log, "--against", broken, "--differences", tmp_path / "all")
    assert ran.code == 2
    assert not list(tmp_path.glob("all*"))
    assert Ran(log, "--against", log, "--differences", tmp_path / "all").code == 0
    assert told(tmp_path / "all") == []


@pytest.mark.parametrize("name", ["log.ndjson", "held.db", "link"])
def test_differences_are_never_written_over_what_is_compared(tmp_path, name):
    log = write_lines(tmp_path / "log.ndjson", events())
    write_sqlite(tmp_path / "held.db", [row_of(event) for event in events()])
    (tmp_path / "link").hardlink_to(log)
    before = log.read_bytes()
    store = f"sqlite:///{tmp_path / 'held.db'}"
    ran = Ran(log, "--against", store, "--differences", tmp_path / name)
    assert ran.code == 2
    assert "named twice" in ran.stderr
    assert log.read_bytes() == before


def test_an_empty_store_has_nothing_and_an_empty_log_expects_nothing(tmp_path):
    log = write_lines(tmp_path / "log.ndjson", events())
    empty = write_lines(tmp_path / "empty.ndjson", [])
    assert "missing            24" in Ran(log, "--against", empty).stdout
    assert "invented           24" in Ran(empty, "--against", log).stdout
    assert Ran(empty, "--against", empty, "--order-by", "id").code == 0


def test_without_an_order_it_is_said_and_not_guessed(real_run):
    ran = Ran(real_run / "events.ndjson", "--against", real_run / "ingest.db")
    assert "not known" in ran.stdout
    ran = Ran(real_run / "events.ndjson", "--against", real_run / "ingest.db", "--json")
    assert json.loads(ran.stdout)["differences"]["out_of_order"] is None


GOOD = [row_of(event) for event in events()]
MISTAKES = [
    (("{log}", "--against", "{none}.ndjson"), "no-such.ndjson: No such file or directory"),
    (("{log}", "--against", "sqlite:///{none}.db"), "no such file; write sqlite:///FILE"),
    (("{log}", "--against", "sqlite://{none}.db"), "write sqlite:///FILE, or sqlite:////ABSOLUTE"),
    (("{log}", "--against", "sqlite:///{corrupt}"), "cannot be read as a SQLite database"),
    (("{log}", "--against", "{truncated}"), "cannot be read as a SQLite database"),
    (("{log}", "--against", "{halfparquet}"), "cannot be read as Parquet"),
    (("{log}", "--against", "{corrupt}"), "corrupt: not JSON: "),
    (("{log}", "--against", "{scalars}"), "scalars:1: a number where an object of a row belongs"),
    (("{log}", "--against", "mongodb://u:pw@h/d"), "--against mongodb://…: this kind of store"),
    (("{log}", "--against", "{db}", "--table", "events"), "has no table events; it has raw_events"),
    (("{log}", "--against", "{log}", "--table", "events"), "has no table events"),
    (("{log}", "--against", "{db}", "--column", "payload=body"), "raw_events has no column body"),
    (("{log}", "--against", "{log}", "--column", "payload=body"), "raw_events has no column body"),
    (("{log}", "--against", "{db}", "--order-by", "id"), "raw_events has no column id; it has"),
    (("{log}", "--against", "{db}", "--order-by", "event_type"), "'gps' is neither a whole number"),
    (("{none}", "--against", "{db}"), "no such folder or file; name a run's folder"),
    (("{folder}", "--against", "{db}"), "there is no truth/events.ndjson in it"),
    (("{db}", "--against", "{db}"), "not JSON: "),
    (("{scalars}", "--against", "{db}"), "a number where an object of a row belongs"),
    (("{header}", "--against", "{db}"), "header:1: has no device_id; name the folder of a run"),
    (("{twice}", "--against", "{db}"), "ACT-00000001 1 was logged twice"),
    (("{badrun}", "--against", "{sessions}"), "sessions.json: no list of sessions"),
    (("{log}", "--against", "{db}", "--differences", "{none}/x"), "there is no folder"),
]


@pytest.mark.parametrize(("arguments", "words"), MISTAKES)
def test_a_mistake_is_one_clear_sentence(arguments, words, tmp_path):
    places = {"none": tmp_path / "no-such", "folder": tmp_path, "db": tmp_path / "held.db"}
    write_sqlite(places["db"], GOOD)
    places["log"] = write_lines(tmp_path / "log", events())
    places["twice"] = write_lines(tmp_path / "twice", [events()[0], *events()])
    places["scalars"] = write_lines(tmp_path / "scalars", [[1], [2]])
    places["header"] = write_lines(tmp_path / "header", [{"format": "badge-recording"}, {"ms": 1}])
    places["corrupt"] = tmp_path / "corrupt"
    places["corrupt"].write_bytes(b"\0\1\2" * 500)
    places["truncated"] = tmp_path / "truncated"
    places["truncated"].write_bytes(places["db"].read_bytes()[:3000])
    places["halfparquet"] = tmp_path / "halfparquet"
    places["halfparquet"].write_bytes(b"PAR1 and then nothing")
    places["badrun"] = write_run(tmp_path / "badrun", events(), [{"start": 1}])
    places["sessions"] = tmp_path / "sessions.db"
    write_sqlite(places["sessions"], GOOD)
    bounds = dict.fromkeys(("worker_id", "parcel_id", "start", "end"))
    write_sqlite(places["sessions"], [bounds], "work_sessions")
    ran = _through_the_door([text.format(**places) for text in arguments])
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert words in ran.stderr
    assert ran.stderr.startswith("badge: ")
    assert "Traceback" not in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def _through_the_door(arguments):
    """Run the command in this process, its errors shown as the command line shows them."""
    try:
        ran = Ran(*arguments)
    except OSError as error:
        return subprocess.CompletedProcess([], 2, "", f"badge: {error.filename}: {error.strerror}")
    return subprocess.CompletedProcess([], ran.code, ran.stdout, f"badge: {ran.stderr}")


def test_a_store_is_not_written(tmp_path):
    write_sqlite(tmp_path / "held.db", GOOD)
    before = (tmp_path / "held.db").read_bytes()
    (tmp_path / "held.db").chmod(0o400)
    assert Ran(write_lines(tmp_path / "log", events()), "--against", tmp_path / "held.db").code == 0
    assert (tmp_path / "held.db").read_bytes() == before


@pytest.mark.parametrize("package", ["pyarrow", "psycopg"])
def test_a_missing_package_is_named(package, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    log = write_lines(tmp_path / "log", events())
    address = {"pyarrow": tmp_path / "x.parquet", "psycopg": "postgresql://u:s3cret@h/d"}[package]
    ran = Ran(log, "--against", address)
    assert ran.code == 2
    assert f"needs {package}: pip install 'badge-simulator[" in ran.stderr
    assert "s3cret" not in ran.stderr


def test_memory_does_not_grow_with_the_store(tmp_path):
    """Python's own memory at its peak, for a log and one five times as long."""
    peaks = []
    for count in (300, 1_500):
        log = [{**event, "payload": {"note": "x" * 16_000}} for event in events(1, count)]
        path = write_lines(tmp_path / f"log{count}", log)
        del log
        tracemalloc.start()
        assert Ran(path, "--against", path).code == 0
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 1_200 * 4_000, "a quarter of what 1,200 more events weigh"
