"""Parquet in the shapes that backends write: structs, maps, moments of any resolution."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from tests.sim.reconcile.site import Ran, events, row_of, write_lines

pa = pytest.importorskip("pyarrow", reason="Parquet needs pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


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
