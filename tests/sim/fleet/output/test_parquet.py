import json
import shutil

import pytest

import tests.sim.fleet.story as run_story
from badge.errors import InputError
from sim.fleet.output import parquet
from tests.sim.fleet.story import source
from tests.sim.reconcile.site import Ran

pq = pytest.importorskip("pyarrow.parquet", reason="needs the extra [test]")


def test_the_truth_has_the_events_columns_in_their_types_and_what_is_true(small):
    events = pq.read_schema(small.path / "events.parquet")
    truth = pq.read_table(small.path / "truth" / "events.parquet")
    assert list(truth.schema)[: len(events)] == list(events)
    assert [f.name for f in truth.schema][len(events) :] == [
        *("true_lat", "true_lon", "parcel_id", "equipment_near", "delivered", "undelivered_why")
    ]
    for row, line in zip(truth.to_pylist(), small.rows(), strict=True):
        assert row.items() >= json.loads(line["payload"]).items()
        for name in ("device_id", "worker_id", "true_lat", "parcel_id", "equipment_near"):
            assert row[name] == line[name]


def test_every_file_says_which_run_it_is_of(small):
    for path in small.path.rglob("*.parquet"):
        kept = pq.read_schema(path).metadata
        said = {k.decode(): v.decode() for k, v in kept.items() if k.startswith(b"badge.")}
        assert said.pop("badge.version")
        assert said == {
            f"badge.{name}": str(small.document[name])
            for name in ("scenario", "run_id", "seed", "start", "hours")
        }


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


def test_the_files_of_a_run_are_a_store_that_holds_it(small, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(small.path, run)
    for name in ("events.ndjson", "events.parquet"):
        assert Ran(run, "--against", run / name).code == 0, name
    (run / "truth" / "events.ndjson").unlink()  # of the truth too Parquet alone will do
    assert Ran(run, "--against", run / "events.parquet").code == 0


@pytest.mark.parametrize("damage", [b"\xff", b"\xed\xa0\x80", b"\x01", b'"'])
def test_rows_that_were_damaged_are_one_sentence(tmp_path, small, damage):
    """On the disk, between a cut and going on: they were whole when they were written."""
    (tmp_path / "truth").mkdir()
    line = (small.path / "truth" / "events.ndjson").read_bytes().splitlines(keepends=True)[0]
    (tmp_path / "truth" / "events.ndjson").write_bytes(line.replace(b"ACT-", b"ACT" + damage))
    with pytest.raises(InputError, match="damaged since they were written; run it anew: "):
        parquet.write_parquet(tmp_path / "truth" / "events.ndjson", tmp_path, {})
