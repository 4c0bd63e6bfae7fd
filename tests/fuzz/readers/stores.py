"""What a backend holds and what a run left: reconcile reads both, in every form of file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from hil.dut.event_files import read_events
from sim.reconcile.dataset_parts import TruthParts
from sim.reconcile.examples import Examples
from sim.reconcile.reconciliation import Reconciliation
from sim.reconcile.scratch import scratch
from sim.reconcile.stores.names import parse_names
from sim.reconcile.stores.open import open_store
from sim.reconcile.truth import read_truth
from tests.fuzz.mutate import json_document, json_lines, mixed, octets
from tests.fuzz.reader import Read, Reader, from_file
from tests.fuzz.readers.badge import line_seeds, recording_seeds
from tests.sim.reconcile.site import (
    events,
    row_of,
    write_lines,
    write_parquet,
    write_run,
    write_sqlite,
)

SESSION = {
    "worker_id": "W-007",
    "parcel_id": "14-0078",
    "start": "2026-03-14T08:00:00Z",
    "end": "2026-03-14T09:00:00Z",
}
_PATH = "truth/events/site=a/day=2026-03-02/part-00000.parquet"
LOG = events(badges=2, each=4)
ROWS = [row_of(one) for one in LOG]


def _compared(truth: Path, address: str) -> object:
    with open_store(address) as store, scratch() as room:
        job = Reconciliation(
            read_truth(truth),
            store,
            parse_names((), ()),
            room,
            Examples(3),
            lambda w, s, rows: rows,
        )
        return job.run().is_clean


def _as_store(suffix: str, prefix: str = "") -> Callable[[Path], Read]:
    def opened(folder: Path) -> Read:
        logged = write_lines(folder / "log.ndjson", LOG)
        return from_file(lambda path: _compared(logged, f"{prefix}{path}"), f"held.{suffix}")(
            folder
        )

    return opened


def _as_truth(name: str) -> Callable[[Path], Read]:
    """Change one file of a run's folder; the store is right."""

    def opened(folder: Path) -> Read:
        run = folder / "run"
        if not run.exists():
            write_run(run, LOG, [SESSION])
        held = write_sqlite(folder / "held.db", ROWS)
        with_sessions = {**SESSION, "start_time": SESSION["start"]}
        assert with_sessions
        path = run / name

        def one(content: bytes) -> object:
            path.write_bytes(content)
            truth = read_truth(run)
            found = [list(truth.batches()), list(truth.answers()), truth.sessions()]
            return found, _compared(run, held)

        return one

    return opened


def _as_manifest(folder: Path) -> Read:
    """Change what a data set says of itself; one file is there."""
    there = folder / "set" / _PATH
    there.parent.mkdir(parents=True, exist_ok=True)
    there.touch()

    def one(content: bytes) -> object:
        (folder / "set" / "manifest.json").write_bytes(content)
        with scratch() as room:
            parts = TruthParts(folder / "set", room)
            return len(parts), [one.site for one in parts]

    return one


def _manifest(folder: Path) -> list[bytes]:
    one = {"table": "truth/events", "site": "a", "path": _PATH, "rows": 3, "sha256": "0" * 64}
    document = {"format": "parquet", "counts": {"badges": 2}, "files": [one, one]}
    return [json.dumps(document, indent=indent).encode() for indent in (None, 1)]


def _made(write: Callable[[Path], object], name: str) -> Callable[[Path], list[bytes]]:
    def seeds(folder: Path) -> list[bytes]:
        write(folder / name)
        return [(folder / name).read_bytes()]

    return seeds


def _run_file(name: str) -> Callable[[Path], list[bytes]]:
    return _made(lambda path: write_run(path.parent.parent / "r", LOG, [SESSION]), f"../r/{name}")


def _seed_events(folder: Path) -> list[bytes]:
    run = write_run(folder / "seed-run", LOG, [SESSION])
    return [(run / "truth" / "events.ndjson").read_bytes()]


def _batches(folder: Path) -> list[bytes]:
    return [json.dumps(LOG).encode() + b"\n" + json.dumps(LOG[:2]).encode() + b"\n"]


def _requests(folder: Path) -> list[bytes]:
    one = {"device_id": "ACT-00000001", "first_sequence": 1, "last_sequence": 4, "status": 202}
    return [json.dumps(one).encode() + b"\n"]


def _parquet(folder: Path) -> list[bytes]:
    plain = write_parquet(folder / "plain.parquet", ROWS).read_bytes()
    structs = [{**row, "payload": one["payload"]} for row, one in zip(ROWS, LOG, strict=True)]
    return [plain, write_parquet(folder / "structs.parquet", structs).read_bytes()]


READERS = (
    Reader(
        "store-ndjson",
        _made(lambda path: write_lines(path, ROWS), "seed.ndjson"),
        _as_store("ndjson"),
        json_lines,
        heavy=4,
    ),
    Reader("store-parquet", _parquet, _as_store("parquet"), octets, needs=("pyarrow",), heavy=4),
    Reader(
        "store-sqlite",
        _made(lambda path: write_sqlite(path, ROWS), "seed.db"),
        _as_store("db", "sqlite:///"),
        octets,
        heavy=4,
    ),
    Reader("truth-events", _seed_events, _as_truth("truth/events.ndjson"), json_lines, heavy=8),
    Reader(
        "truth-sessions",
        lambda _: [json.dumps([SESSION]).encode()],
        _as_truth("truth/sessions.json"),
        json_document,
        heavy=8,
    ),
    Reader("truth-batches", _batches, _as_truth("batches.ndjson"), json_lines, heavy=8),
    Reader("truth-requests", _requests, _as_truth("requests.ndjson"), json_lines, heavy=8),
    Reader("data-set-manifest", _manifest, _as_manifest, json_document),
    Reader("event-file", line_seeds, from_file(read_events, "e.ndjson"), json_lines),
    Reader(
        "event-file-recording",
        recording_seeds,
        from_file(read_events, "e.ndjson"),
        mixed((1, json_lines)),
    ),
)
