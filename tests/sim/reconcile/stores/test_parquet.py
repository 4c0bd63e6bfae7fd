"""Parquet in the shapes that backends write: structs, maps, moments of any resolution."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from badge.errors import InputError
from sim.reconcile.stores import parquet as module
from tests.sim.reconcile.site import Ran, events, row_of, write_lines

pa = pytest.importorskip("pyarrow", reason="Parquet needs pyarrow")
pq = pytest.importorskip("pyarrow.parquet", reason="needs the extra [test]")


def differs(folder, columns, log=None):
    log = events() if log is None else log
    rows = [row_of(event) for event in log]
    table = {name: [row[name] for row in rows] for name in rows[0]} | columns
    pq.write_table(pa.table(table), folder / "held.parquet")
    logged = write_lines(folder / "log.ndjson", log)
    ran = Ran(logged, "--against", folder / "held.parquet", "--json")
    return ran.code, json.loads(ran.stdout)["differences"]["altered"]


def moments():
    return [datetime.fromisoformat(event["timestamp_utc"]) for event in events()]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_moments_of_every_resolution_and_zone_are_the_same(unit, zone, tmp_path):
    naive = [moment.replace(tzinfo=None) for moment in moments()]
    stamps = pa.array(naive if zone is None else moments(), pa.timestamp(unit, tz=zone))
    assert differs(tmp_path, {"event_timestamp": stamps}) == (0, 0)


def test_payloads_may_be_structs_whose_nulls_are_absent_fields(tmp_path):
    log = events()
    log[0]["payload"]["altitude_m"] = 300.5
    structs = pa.array([event["payload"] for event in log])
    assert "altitude_m" in [field.name for field in structs.type]
    assert differs(tmp_path, {"payload": structs}, log) == (0, 0)


def test_payloads_may_be_bytes_and_numbers_may_be_decimals(tmp_path):
    raw = pa.array([json.dumps(event["payload"]).encode() for event in events()])
    numbers = pa.array([event["sequence_number"] for event in events()]).cast(pa.decimal128(20, 0))
    assert differs(tmp_path, {"payload": raw, "sequence_number": numbers}) == (0, 0)


def test_nested_lists_and_maps_are_what_json_makes_of_them(tmp_path):
    log = [{**events()[0], "payload": {"list": [{"a": 1}], "map": {"k": 2.0}}}]
    kind = pa.struct(
        [
            ("list", pa.list_(pa.struct([("a", pa.int64()), ("b", pa.int64())]))),
            ("map", pa.map_(pa.string(), pa.float64())),
        ]
    )
    value = {"list": [{"a": 1, "b": None}], "map": [("k", 2.0)]}
    assert differs(tmp_path, {"payload": pa.array([value], kind)}, log) == (0, 0)


def test_a_payload_may_be_a_map_itself(tmp_path):
    log = [
        {**event, "payload": {"charge": 2.0, "left": float(n)}} for n, event in enumerate(events())
    ]
    pairs = [list(event["payload"].items()) for event in log]
    maps = pa.array(pairs, pa.map_(pa.string(), pa.float64()))
    assert differs(tmp_path, {"payload": maps}, log) == (0, 0)
    pairs[0][0] = ("charge", 3.0)
    maps = pa.array(pairs, pa.map_(pa.string(), pa.float64()))
    assert differs(tmp_path, {"payload": maps}, log) == (1, 1)


def test_a_long_text_for_thousands_of_rows_is_refused_and_a_short_one_read(tmp_path, monkeypatch):
    """A dictionary of one text makes a file of a hundred kilobytes into gigabytes."""
    monkeypatch.setattr(module, "EXPANDS_FREELY_BYTES", 1 << 20)
    for length, refused in ((10, False), (100_000, True)):
        path = tmp_path / f"{length}.parquet"
        texts = pa.DictionaryArray.from_arrays(pa.array([0] * 8192, pa.int32()), ["x" * length])
        pq.write_table(pa.table({"a": texts}), path)
        if refused:
            with pytest.raises(InputError, match="500 times its own size"):
                list(module.ParquetTable(path).rows(["a"]))
        else:
            assert sum(len(row[0]) for row in module.ParquetTable(path).rows(["a"])) == 81_920


def test_a_column_that_is_there_twice_is_said(tmp_path):
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    pq.write_table(table, tmp_path / "t.parquet")
    with pytest.raises(InputError, match="the column 'a' is in it more than once"):
        module.ParquetTable(tmp_path / "t.parquet")


def test_bytes_that_are_no_text_are_shown_as_well_as_they_can_be(tmp_path):
    path = tmp_path / "t.parquet"
    kind = pa.struct([("a", pa.binary())])
    pq.write_table(pa.table({"p": pa.array([{"a": b"\xff\x00"}], kind)}), path)
    assert list(module.ParquetTable(path).rows(["p"])) == [({"a": "\ufffd\x00"},)]


def test_a_map_of_texts_means_numbers_where_the_field_is_no_text(tmp_path):
    log = events(1, 2)
    log[1] |= {"event_type": "shift_start", "payload": {"worker_id": "12"}}
    maps = [
        [(key, one if isinstance(one, str) else repr(one)) for key, one in event["payload"].items()]
        for event in log
    ]
    maps[0].append(("altitude_m", None))
    column = pa.array(maps, pa.map_(pa.string(), pa.string()))
    assert differs(tmp_path, {"payload": column}, log) == (0, 0)
    maps[0][0] = ("lat", "33.9")
    column = pa.array(maps, pa.map_(pa.string(), pa.string()))
    assert differs(tmp_path, {"payload": column}, log) == (1, 1)
