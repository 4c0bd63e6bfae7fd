import json

import pytest

import tests.sim.fleet.story as run_story
from sim.fleet.output import parquet
from tests.sim.fleet.story import source

pq = pytest.importorskip("pyarrow.parquet")


def test_the_parquet_of_the_truth_is_its_ndjson(small):
    table = pq.read_table(small.path / "truth" / "events.parquet")
    assert table.to_pylist() == small.rows()


def test_events_have_typed_columns(small):
    table = pq.read_table(small.path / "events.parquet")
    assert str(table.schema.field("timestamp_utc").type) == "timestamp[ms, tz=UTC]"
    rows = table.to_pylist()
    for row, truth in zip(rows, small.rows(), strict=True):
        payload = json.loads(truth["payload"])
        assert {name: row[name] for name in payload} == payload
        assert row["timestamp_utc"].strftime("%Y-%m-%dT%H:%M:%SZ") == truth["timestamp_utc"]


@pytest.mark.parametrize("name", ["shifts", "visits", "sessions", "presence"])
def test_the_tables_of_the_truth_are_typed_and_are_their_json(small, name):
    table = pq.read_table(small.path / "truth" / f"{name}.parquet")
    assert str(table.schema.field("start").type) == "timestamp[ms, tz=UTC]"
    rows = [
        {key: f"{v:%Y-%m-%dT%H:%M:%SZ}" if hasattr(v, "year") else v for key, v in row.items()}
        for row in table.to_pylist()
    ]
    assert rows == small.table(name)
    assert rows


def test_a_table_without_rows_has_its_columns(tmp_path):
    parquet.write_table(tmp_path / "x.parquet", [], {"a": "text", "b": "time", "c": "float"})
    assert pq.read_table(tmp_path / "x.parquet").schema.names == ["a", "b", "c"]


def test_without_pyarrow_there_is_no_parquet_and_all_the_rest(tmp_path, monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(parquet, "import_module", missing)
    run = run_story.run(tmp_path / "run", source(), hours=0.1)
    assert not list(run.path.rglob("*.parquet"))
    assert (run.path / "truth" / "events.ndjson").exists()
