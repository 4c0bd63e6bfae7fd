"""Every common reader of Parquet takes a run's files: the same rows, typed, in each."""

from __future__ import annotations

import json

import pytest

from tests.command import call

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "run"
    said = call("simulate", "crew-of-five", "--badges", "1", "--hours", "2", "--out", folder)
    assert said.code == 0, said.err
    return folder


@pytest.fixture(scope="module")
def numbers(run):
    lines = (run / "events.ndjson").read_text().splitlines()
    return [json.loads(line)["sequence_number"] for line in lines]


@pytest.mark.parametrize("name", ["events.parquet", "truth/events.parquet"])
def test_duckdb_polars_and_pandas_read_the_same(run, numbers, name):
    duckdb, polars, pandas = (
        pytest.importorskip(module, reason="needs the extra [clients]")
        for module in ("duckdb", "polars", "pandas")
    )
    path = str(run / name)
    rows = duckdb.sql(f"select sequence_number, timestamp_utc from '{path}' order by 1").fetchall()
    table, frame = polars.read_parquet(path), pandas.read_parquet(path)
    wanted = sorted(numbers)
    assert [number for number, _ in rows] == wanted
    assert sorted(table["sequence_number"].to_list()) == wanted
    assert sorted(frame["sequence_number"]) == wanted
    assert all(moment.tzinfo is not None for _, moment in rows)
    assert table.schema["timestamp_utc"].is_temporal()
