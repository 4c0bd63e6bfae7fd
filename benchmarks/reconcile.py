"""A data set of many copies of a week, compared by DuckDB; the same rows sorted and joined by ours.

BADGE_ROWS=100000000 python -m benchmarks reconcile     as many rows; ten million unless said
"""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from sim.fleet.job import Job
from sim.fleet.output.folder import RunFolder
from sim.fleet.parallel import run_job
from sim.fleet.run import run_document
from sim.reconcile.dataset import DatasetReconciliation
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
        made = _copies(run, Path(name) / "set")
        yield "rows", made, None
        looked = DatasetReconciliation(Path(name) / "set", Path(name) / "set", _never).run()
        assert looked.whole().is_clean
        assert looked.rows == made
        yield "DuckDB by parts: rows a second of CPU", looked.rows / looked.cpu_s, None
        yield "rows a second", looked.rows / looked.wall_s, None
        yield "DuckDB against ours", looked.rows / looked.cpu_s / ours, 1.0
        peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        yield "MiB of memory at most", peak_mib, None


def _never(truth: Path, held: Path) -> object:
    raise AssertionError((truth, held))


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


def _copies(run: Path, out: Path) -> int:
    """Write the week's badges again and again, each time with other ids, part by part."""
    (rows,) = duckdb.execute(f"SELECT count(*) FROM '{run}/truth/events.parquet'").fetchall()[0]
    copies, files = max(1, PART_ROWS // rows), []
    total = 0
    for part in range(max(1, ROWS // (copies * rows))):
        for table in ("truth/events", "events"):
            name = f"{table}/site=all/day=week/part-{part:05d}.parquet"
            path = out / name
            path.parent.mkdir(parents=True, exist_ok=True)
            device = f"printf('ACT-%04X%s', {part * copies} + n, right(device_id, 4))"
            copied = f"SELECT * REPLACE ({device} AS device_id) FROM '{run}/{table}.parquet', "
            duckdb.execute(
                f"COPY ({copied} range({copies}) c(n) ORDER BY device_id, sequence_number) "
                f"TO '{path}' (COMPRESSION zstd)"
            )
            if table == "truth/events":
                one = {"table": table, "site": "all", "path": name, "rows": copies * rows}
                files.append(one)
                total += copies * rows
    manifest = {"format": "parquet", "counts": {}, "files": files}
    (out / "manifest.json").write_text(json.dumps(manifest))
    return total
