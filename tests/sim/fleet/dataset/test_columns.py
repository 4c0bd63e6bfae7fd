"""Lines read in C, or by Arrow, give the files that a run has anyway."""

import json

import pytest

from sim.fleet.dataset import columns
from sim.fleet.dataset.columns import schema_of, write_day
from sim.fleet.output.folder import TABLES
from tests.sim.compiled.rig import library
from tests.sim.fleet.story import run, source

pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed (extra: parquet)")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return run(tmp_path_factory.mktemp("columns") / "run", source())


@pytest.mark.parametrize("table", ["events", "truth/events"])
@pytest.mark.parametrize("reader", ["C", "Arrow"])
def test_events_are_those_of_the_runs_own_parquet(made, tmp_path, monkeypatch, table, reader):
    """Whoever reads the lines; the run's own were read by C, where it is built."""
    if reader == "Arrow":
        monkeypatch.setattr(columns, "world_library", lambda: None)
    else:
        library()
        monkeypatch.setattr(columns, "_events", None)
        monkeypatch.setattr(columns, "_truths", None)
    with (made.path / f"{table}.ndjson").open("rb") as lines:
        write_day(table, lines, tmp_path / "day", {"badge.run_id": "x"})
    ours, theirs = pq.read_table(tmp_path / "day"), pq.read_table(made.path / f"{table}.parquet")
    assert ours.num_rows > 100
    assert ours.replace_schema_metadata(None).equals(theirs.replace_schema_metadata(None))
    assert ours.schema.metadata == {b"badge.run_id": b"x"}
    group = pq.ParquetFile(tmp_path / "day").metadata.row_group(0)
    assert [column.column_index for column in group.sorting_columns] == [0, 1]
    statistics = group.column(1).statistics
    assert (statistics.min, statistics.max) == (1, theirs["sequence_number"].to_numpy().max())


@pytest.mark.parametrize("table", TABLES)
def test_tables_are_those_of_the_run(made, tmp_path, table):
    rows = made.table(table)
    lines = [json.dumps(row).encode() + b"\n" for row in rows]
    write_day(f"truth/{table}", lines, tmp_path / "day", {})
    ours, theirs = (
        pq.read_table(tmp_path / "day"),
        pq.read_table(made.path / f"truth/{table}.parquet"),
    )
    assert ours.num_rows == len(rows) > 0
    assert ours.equals(theirs.replace_schema_metadata(None))
    assert ours.schema.equals(schema_of(f"truth/{table}"))
