"""What `badge view` shows: events, recordings, runs, reports, stores, and a picture kept before."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np

from sim.view.export.geojson import write_geojson
from sim.view.export.table import write_csv
from sim.view.model.picture import picture_of
from sim.view.open import open_picture
from sim.view.page import body_of
from sim.view.sources.growing import GrowingRecording
from sim.view.sources.kept import NAME, keep_picture, read_kept
from sim.view.sources.typed import read_typed, read_typed_lines
from tests.fuzz.mutate import json_document, json_lines, mixed, octets
from tests.fuzz.reader import Read, Reader, from_file
from tests.fuzz.readers.badge import line_seeds, recording_seeds
from tests.sim.reconcile.site import events

ROWS = [
    {
        **event,
        "payload": json.dumps(event["payload"]),
        "worker_id": "W-007",
        "true_lat": 45.81,
        "true_lon": 15.98,
        "parcel_id": None,
        "equipment_near": [],
        "delivered": True,
        "undelivered_why": None,
    }
    for event in events(badges=2, each=4)
]
SITE = {
    "origin": [45.81, 15.98],
    "start_unix_ms": 1_773_470_000_000,
    "threshold_dbm": -70,
    "depot": [-150.0, 20.0],
    "areas": [{"name": "Novak", "kind": "parcel", "rings": [[[0, 0], [9, 0], [9, 9], [0, 0]]]}],
    "equipment": [
        {"name": "truck", "mac": "AA", "known": True, "reach_m": 5.0, "way": [[0, 1.0, 2.0]]}
    ],
    "coverage": {"base_dbm": -92.0, "zones": [], "outages": []},
}
AT = "2026-03-14T10:42:00Z"
FINDING = {"kind": "missing", "event_type": "gps", "at": AT, "text": "x", "wanted": ROWS[0]}


def _shown(path: Path) -> object:
    opened = open_picture([str(path)])
    for row in range(opened.picture.rows):
        opened.about(row)
    write_geojson(opened, BytesIO())
    write_csv(opened, BytesIO())
    return body_of(opened)


def _in_a_run(name: str) -> Callable[[Path], Read]:
    """Open a run, one of whose files is the input."""

    def opened(folder: Path) -> Read:
        run = folder / "run"
        (run / "truth").mkdir(parents=True)
        (run / "truth" / "events.ndjson").write_bytes(b"".join(map(_line, ROWS)))
        (run / "truth" / "site.json").write_text(json.dumps(SITE))
        (run / "truth" / "run.json").write_text(json.dumps({"scenario": "x", "complete": True}))

        def read(path: Path) -> object:
            (run / NAME).unlink(missing_ok=True)
            path.replace(run / "truth" / name)
            return _shown(run)

        return from_file(read, "input")(folder)

    return opened


def _line(row: object) -> bytes:
    return json.dumps(row).encode() + b"\n"


def _kept_seeds(folder: Path) -> list[bytes]:
    path = folder / "events.ndjson"
    path.write_bytes(b"".join(map(_line, events(1, 3))))
    keep_picture(folder, "abc", open_picture([str(path)]).picture)
    return [(folder / NAME).read_bytes()]


def _kept(path: Path) -> object:
    picture = read_kept(path.parent, "abc")
    return None if picture is None else picture.payload()


def _store_seeds(folder: Path) -> list[bytes]:
    from sim.ingest.store.sqlite import SqliteStore

    store = SqliteStore(folder / "x.db")
    store.add_batch(events(1, 3), AT)
    store.close()
    return [(folder / "x.db").read_bytes()]


def _typed_seeds(folder: Path) -> list[bytes]:
    from sim.fleet.output.parquet import write_parquet

    (folder / "truth").mkdir(exist_ok=True)
    (folder / "truth" / "events.ndjson").write_bytes(b"".join(map(_line, ROWS)))
    write_parquet(folder / "truth" / "events.ndjson", folder, {})
    return [(folder / "truth" / "events.parquet").read_bytes()]


def _typed(path: Path) -> object:
    from sim.view.model.events import EventRows
    from sim.view.model.plane import PicturePlane

    return read_typed(path, np.arange(len(ROWS)), EventRows(PicturePlane()))


def _typed_lines(path: Path) -> object:
    from sim.view.model.events import EventRows
    from sim.view.model.plane import PicturePlane

    return read_typed_lines(path, np.arange(len(ROWS)), EventRows(PicturePlane()))


def _growing(path: Path) -> object:
    growing = GrowingRecording(path)
    while growing.read():
        growing.settled()
    return picture_of(growing.draft()).payload()


READERS = (
    Reader("view-events", line_seeds, from_file(_shown, "e.ndjson"), json_lines, heavy=8),
    Reader("view-recording", recording_seeds, from_file(_shown, "r.ndjson"), json_lines, heavy=20),
    Reader(
        "view-truth",
        lambda _: [b"".join(map(_line, ROWS))],
        _in_a_run("events.ndjson"),
        json_lines,
        heavy=20,
    ),
    Reader(
        "view-site",
        lambda _: [json.dumps(SITE).encode()],
        _in_a_run("site.json"),
        json_document,
        heavy=20,
    ),
    Reader(
        "view-report",
        lambda _: [
            json.dumps({"findings": [FINDING]}).encode(),
            json.dumps({"gates": {"2": {"figures": [{"name": "a", "met": True}]}}}).encode(),
            json.dumps({"url": "x", "checks": [{"name": "a", "verdict": "failed"}]}).encode(),
        ],
        from_file(_shown, "r.json"),
        json_document,
        heavy=8,
    ),
    Reader("view-growing", recording_seeds, from_file(_growing, "g"), json_lines, heavy=20),
    Reader("view-store", _store_seeds, from_file(_shown, "x.db"), octets, heavy=20),
    Reader("view-kept", _kept_seeds, from_file(_kept, NAME), mixed((1, octets)), heavy=4),
    Reader("view-typed", _typed_seeds, from_file(_typed, "t.parquet"), octets, heavy=4),
    Reader(
        "view-lines",
        lambda _: [
            b"".join(map(_line, ROWS)),
            b"".join(_line({**row, "payload": json.loads(row["payload"])}) for row in ROWS),
        ],
        from_file(_typed_lines, "l.ndjson"),
        json_lines,
        heavy=400,
    ),
)
