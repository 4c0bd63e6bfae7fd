"""A data set of many copies of a week, compared by DuckDB; the same rows sorted and joined by ours.

BADGE_ROWS=100000000 python -m benchmarks reconcile     as many rows; ten million unless said

The data set is compared by `badge reconcile` in a process of its own, whose CPU and memory count.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from sim.fleet.job import Job
from sim.fleet.output.folder import RunFolder
from sim.fleet.parallel import run_job
from sim.fleet.run import run_document
from sim.reconcile.examples import Examples
from sim.reconcile.reconciliation import Reconciliation
from sim.reconcile.scratch import scratch
from sim.reconcile.stores.names import parse_names
from sim.reconcile.stores.open import open_store
from sim.reconcile.truth import read_truth
from sim.scenario.language.read import read_scenario
from sim.scenario.plan.parameters import parameters_of
from sim.scenario.plan.roster import Roster

ROWS = int(os.environ.get("BADGE_ROWS", "10000000"))
PART_ROWS = 1_000_000


def ratios() -> Iterator[tuple[str, float, float | None]]:
    """Yield rows a second of CPU of both, their ratio, and the memory of the whole."""
    with TemporaryDirectory(prefix="badge-rows-") as name:
        run = _week(Path(name))
        ours = _ours(run)
        yield "ours: rows a second of CPU", ours, None
        made, size = _copies(run, Path(name) / "set")
        yield "rows", made, None
        yield "GB of Parquet, events and truth", size / 1e9, None
        before, begun_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        line = [sys.executable, "-m", "badge", "reconcile", f"{name}/set", "--against"]
        said = subprocess.check_output([*line, f"{name}/set", "--json"])
        wall_s, after = time.monotonic() - begun_s, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        looked = json.loads(said)
        assert looked["clean"]
        yield "badge reconcile, by DuckDB: rows a second of CPU", made / cpu_s, None
        yield "seconds of CPU", cpu_s, None
        yield "seconds on the wall", wall_s, None
        yield "by DuckDB, as a ratio to ours", made / cpu_s / ours, 1.0
        yield "MiB of memory at most", after.ru_maxrss / 1024, None


def _week(folder: Path) -> Path:
    source = read_scenario("first-week")
    with RunFolder(folder / "week") as out:
        job = Job(source, parameters_of(source), out.parts)
        finished = run_job(job, 1, lambda progress: None)
        roster = Roster(source, job.parameters)
        document = run_document(job, finished.results, whole=True)
        path, _ = out.complete(document, finished.results, split=False, batches=False)
        assert len(roster) == len(finished.results)
    return path


def _ours(run: Path) -> float:
    begun_s = time.process_time()
    with open_store(str(run / "events.parquet")) as store, scratch() as room:
        truth, names = read_truth(run), parse_names((), ())
        outcome = Reconciliation(
            truth, store, names, room, Examples(0), lambda words, size, rows: rows
        ).run()
    return outcome.comparison.held / (time.process_time() - begun_s)


def _copies(run: Path, out: Path) -> tuple[int, int]:
    """Write the week's badges again and again, part by part; give the rows, and all bytes.

    A copy has ids of its own, and is a little later and elsewhere than the one before.
    """
    (rows,) = duckdb.execute(f"SELECT count(*) FROM '{run}/truth/events.parquet'").fetchall()[0]
    copies = max(1, PART_ROWS // rows)
    tables, counts = {"truth/events": "t", "events": "e"}, {}
    for table, name in tables.items():
        changed = (
            "printf('%03X%s', n, right(device_id, 1)) AS device_id, "
            "timestamp_utc + to_seconds(n * 7) AS timestamp_utc, lat + n * 1e-6 AS lat"
        )
        duckdb.execute(
            f"CREATE OR REPLACE TABLE {name} AS SELECT * REPLACE ({changed}) "
            f"FROM '{run}/{table}.parquet', range({copies}) c(n) "
            "ORDER BY device_id, sequence_number"
        )
        ((counts[name],),) = duckdb.execute(f"SELECT count(*) FROM {name}").fetchall()
    files, size = [], 0
    for part in range(max(1, ROWS // (copies * rows))):
        for table, name in tables.items():
            path = out / f"{table}/site=all/day=week/part-{part:05d}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            device = f"printf('ACT-%04X%s', {part}, device_id) AS device_id"
            duckdb.execute(
                f"COPY (SELECT * REPLACE ({device}) FROM {name}) TO '{path}' (COMPRESSION zstd)"
            )
            size += path.stat().st_size
            with path.open("rb") as file:
                told = {"sha256": file_digest(file, "sha256").hexdigest()}
            told |= {"table": table, "site": "all", "path": str(path.relative_to(out))}
            files.append({**told, "rows": counts[name], "bytes": path.stat().st_size})
    for name in tables.values():
        duckdb.execute(f"DROP TABLE {name}")
    manifest = {"format": "parquet", "counts": {}, "files": files}
    (out / "manifest.json").write_text(json.dumps(manifest))
    return sum(one["rows"] for one in files if one["table"] == "truth/events"), size
