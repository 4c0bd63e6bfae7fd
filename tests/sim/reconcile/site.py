"""A small site for the comparison: a log, backends of every kind that hold it, the command."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from badge.cli.group import prepared
from sim.reconcile.cli import reconcile

RAW_COLUMNS = (
    "device_id",
    "sequence_number",
    "event_type",
    "event_timestamp",
    "payload",
    "firmware_version",
)


USER, PASSWORD = "inspector", "s3cret-w0rd"  # of the PostgreSQL that the tests start
DEVICE = "ACT-00000001"
TRUE_SESSION = {
    "device_id": DEVICE,
    "worker_id": "W-007",
    "parcel_id": "14-0078",
    "start": "2026-03-14T08:00:00Z",
    "end": "2026-03-14T08:30:00Z",
}


_COMMAND = prepared(reconcile, "reconcile")  # as the command line opens it


class Ran:
    """What a call of the command came to; a user's mistake is exit code 2 and its sentence."""

    def __init__(self, *arguments: object) -> None:
        done = CliRunner().invoke(_COMMAND, [str(a) for a in arguments])
        self.stdout, self.stderr = done.stdout, done.stderr
        error = done.exception
        if error is None or isinstance(error, SystemExit):
            self.code = done.exit_code
        elif type(error).__name__ == "InputError":
            self.code, self.stderr = 2, f"{self.stderr}{error}"
        else:
            raise error


def events(badges: int = 2, each: int = 12) -> list[dict[str, Any]]:
    """A log in wire form: every badge gets a fix a quarter of a minute."""
    return [
        {
            "device_id": f"ACT-0000000{badge}",
            "firmware_version": "0.3.1",
            "event_type": "gps",
            "timestamp_utc": f"2026-03-14T08:{number // 4:02}:{number % 4 * 15:02}Z",
            "sequence_number": number,
            "payload": {"lat": 33.7 + number / 1000, "lon": -84.0, "accuracy_m": 12.0},
        }
        for badge in range(1, badges + 1)
        for number in range(1, each + 1)
    ]


def row_of(event: dict[str, Any]) -> dict[str, Any]:
    """The row of raw_events that a right backend makes of an event."""
    row = {**event, "payload": json.dumps(event["payload"])}
    row["event_timestamp"] = row.pop("timestamp_utc")
    return row


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def write_sqlite(path: Path, rows: list[dict[str, Any]], table: str = "raw_events") -> str:
    """A table without a key, so that anything can be put into it."""
    with closing(sqlite3.connect(path)) as database, database:
        names = list(rows[0]) if rows else list(RAW_COLUMNS)
        columns, table = ", ".join(map(_quoted, names)), _quoted(table)
        database.execute(f"CREATE TABLE {table} ({columns})")
        marks = ", ".join("?" * len(names))
        database.executemany(
            f"INSERT INTO {table} VALUES ({marks})",
            [tuple(row[n] for n in names) for row in rows],
        )
    return f"sqlite:///{path}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def write_parquet(path: Path, rows: list[dict[str, Any]]) -> Path:
    pyarrow = pytest.importorskip("pyarrow", reason="Parquet needs pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra [test]")
    parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    return path


def write_run(folder: Path, rows: list[dict[str, Any]], sessions: list[Any] | None = None) -> Path:
    """The folder of a run with its truth; `rows` are events in wire form with true fields."""
    truth = folder / "truth"
    truth.mkdir(parents=True)
    usual = {
        "worker_id": "W-007",
        "true_lat": 33.7,
        "true_lon": -84.0,
        "parcel_id": "14-0078",
        "equipment_near": [],
        "delivered": True,
        "undelivered_why": None,
    }
    whole = [{**usual, **row, "payload": json.dumps(row["payload"])} for row in rows]
    write_lines(truth / "events.ndjson", whole)
    if sessions is not None:
        (truth / "sessions.json").write_text(json.dumps(sessions))
    return folder


def told(path: Path) -> list[dict[str, Any]]:
    """The lines of a file of differences."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def judged(
    folder: Path,
    log: list[dict[str, Any]],
    canonical: list[dict[str, Any]] | None = None,
    sessions: list[dict[str, Any]] | None = None,
    *options: object,
) -> tuple[Ran, Any]:
    """Compare a log with a store that holds it, what was concluded and the sessions; and JSON."""
    run = write_run(folder / "run", log, [TRUE_SESSION])
    address = write_sqlite(folder / "held.db", [row_of(event) for event in log])
    if canonical is not None:
        write_sqlite(folder / "held.db", canonical, "canonical_events")
    if sessions is not None:
        write_sqlite(folder / "held.db", sessions, "work_sessions")
    ran = Ran(run, "--against", address, "--differences", folder / "all", "--json", *options)
    document = json.loads(ran.stdout) if ran.stdout else None
    return ran, document
