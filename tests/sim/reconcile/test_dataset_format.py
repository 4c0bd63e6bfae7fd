"""One scenario as a data set of Parquet and of NDJSON: the same verdicts on the same damage."""

import json
from importlib.metadata import version
from shutil import copytree

import pytest
from click.testing import CliRunner

from badge.errors import InputError
from sim.fleet.dataset.address import Address
from sim.fleet.dataset.manifest import begin, write_manifest
from sim.fleet.dataset_part import make_part
from sim.reconcile.cli import reconcile
from sim.reconcile.dataset_format import FORMATS, quoted
from tests.sim.fleet.dataset.story import plan_of

duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed (extra: duckdb)")
pytest.importorskip("pyarrow", reason="pyarrow is not installed (extra: parquet)")

TWINS = ("parquet", "ndjson")


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    """The same two sites, six badges each, in both formats."""
    room = tmp_path_factory.mktemp("twins")
    for form in TWINS:
        plan, address = plan_of(form=form, part_badges=6, hours=30.0), Address(str(room / form))
        begin(address, plan)
        parts = {
            part.name: make_part(part, address.url, version("badge-simulator"))
            for part in plan.parts()
        }
        write_manifest(address, plan, parts)
    return room


@pytest.fixture
def stores(twins, tmp_path):
    """What a backend holds of each, free to be spoilt."""
    return {form: copytree(twins / form / "events", tmp_path / form) for form in TWINS}


def said(made, store, tmp_path):
    told = tmp_path / "told.ndjson"
    arguments = [str(made), "--against", str(store), "--json", "--differences", str(told)]
    result = CliRunner().invoke(reconcile, arguments, catch_exceptions=False)
    report = json.loads(result.stdout)
    assert report.pop("rows_per_s") > 0
    assert report.pop("store") == str(store)
    return result.exit_code, report, told.read_text()


def rewritten(store, change):
    """Give each file's events, in wire form, to `change`, and write what it gives back."""
    for path in sorted(store.rglob("*.*")):
        if path.suffix == ".ndjson":
            rows = change([json.loads(line) for line in path.read_text().splitlines()])
            path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        else:
            import pyarrow as pa
            import pyarrow.parquet as pq

            table = pq.ParquetFile(path).read()
            keys = ("device_id", "sequence_number", "event_type", "timestamp_utc")
            rows = change(
                [
                    {
                        **{k: row.pop(k) for k in keys},
                        "firmware_version": row.pop("firmware_version"),
                        "payload": row,
                    }
                    for row in table.to_pylist()
                ]
            )
            flat = [
                {**{k: v for k, v in row.items() if k != "payload"}, **row["payload"]}
                for row in rows
            ]
            pq.write_table(pa.Table.from_pylist(flat, table.schema), path)


def is_chosen(row):
    return row["event_type"] == "gps" and row["sequence_number"] % 7 == 0


def lost(rows):
    return [row for row in rows if not is_chosen(row)]


def twice(rows):
    return [row for row in rows for _ in range(1 + is_chosen(row))]


def altered(rows):
    def other(row):
        if row["sequence_number"] % 2:
            return {**row, "firmware_version": "9.9.9"}
        return {**row, "payload": {**row["payload"], "lat": 1.5}}

    return [other(row) if is_chosen(row) else row for row in rows]


def invented(rows):
    chosen = [row for row in rows if is_chosen(row)]
    later = [{**row, "sequence_number": 90_000 + row["sequence_number"]} for row in chosen]
    return [*rows, *later, *({**row, "device_id": "ACT-FFFFFFFF"} for row in chosen)]


@pytest.mark.parametrize("change", [None, lost, twice, altered, invented])
def test_both_formats_give_one_report(twins, stores, tmp_path, change):
    found = {}
    for form in TWINS:
        if change is not None:
            rewritten(stores[form], change)
        found[form] = said(twins / form, stores[form], tmp_path)
    code, report, _ = found["ndjson"]
    assert found["parquet"] == found["ndjson"]
    assert (code, report["clean"]) == ((0, True) if change is None else (1, False))
    assert report["parts"] == 2
    assert report["expected"] > 500


def test_a_row_that_is_spelled_otherwise_is_the_same(twins, stores, tmp_path):
    def spelled(rows):
        for row in rows:
            row["timestamp_utc"] = row["timestamp_utc"].replace("Z", "+00:00")
            row["payload"] = dict(reversed(row["payload"].items()))
        return rows

    rewritten(stores["ndjson"], spelled)
    code, report, _ = said(twins / "ndjson", stores["ndjson"], tmp_path)
    assert (code, report["differing"]) == (0, [])


def test_a_number_that_became_a_text_is_not_the_same(twins, stores, tmp_path):
    def as_text(rows):
        chosen = next(filter(is_chosen, rows), None)
        if chosen is not None:
            chosen["payload"]["lat"] = str(chosen["payload"]["lat"])
        return rows

    rewritten(stores["ndjson"], as_text)
    code, report, told = said(twins / "ndjson", stores["ndjson"], tmp_path)
    assert code == 1
    assert report["differences"]["altered"] == len(told.splitlines()) > 0
    assert report["differences"]["missing"] == report["differences"]["invented"] == 0


def test_one_file_is_a_store_too(twins, tmp_path):
    lines = [path.read_bytes() for path in sorted((twins / "ndjson/events").rglob("*.ndjson"))]
    (tmp_path / "all").write_bytes(b"".join(lines))
    assert said(twins / "ndjson", tmp_path / "all", tmp_path)[0] == 0


@pytest.mark.parametrize("form", TWINS)
def test_a_part_that_is_torn_or_missing_is_named(twins, stores, tmp_path, form):
    made = copytree(twins / form, tmp_path / "set")
    held = min(stores[form].rglob(f"*.{form}"))
    held.write_bytes(held.read_bytes()[:-9])
    with pytest.raises(InputError, match=rf"cannot be compared: .*{held.name}.*; mend what it"):
        said(made, stores[form], tmp_path)
    truth = min((made / "truth/events").rglob(f"*.{form}"))
    truth.write_bytes(truth.read_bytes()[:-9])
    with pytest.raises(InputError, match=rf"{truth.name}: not as it was made, though the manifest"):
        said(made, made, tmp_path)
    truth.unlink()
    with pytest.raises(InputError, match=rf"{truth.name}: not there, though the manifest names"):
        said(made, made, tmp_path)


def test_a_store_of_the_other_format_is_refused(twins, tmp_path):
    for form, other, title in (("parquet", "ndjson", "Parquet"), ("ndjson", "parquet", "NDJSON")):
        with pytest.raises(InputError, match=f"no {title} files"):
            said(twins / form, twins / other / "events", tmp_path)
        one = min((twins / other / "events").rglob(f"*.{other}"))
        assert FORMATS[other].is_of(one)
        with pytest.raises(InputError, match=f"not {title}, as the data set is"):
            said(twins / form, one, tmp_path)


def test_a_text_in_sql_ends_where_it_ends():
    text = "it's '' \\ so"
    assert duckdb.sql("SELECT " + quoted(text)).fetchall() == [(text,)]
