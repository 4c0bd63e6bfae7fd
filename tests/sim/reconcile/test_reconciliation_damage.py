"""A damaged store is seen for what it is, whatever kind of store it is."""

from __future__ import annotations

import json

import pytest

from tests.sim.reconcile.site import (
    Ran,
    events,
    row_of,
    told,
    write_lines,
    write_parquet,
    write_sqlite,
)

DEVICE, OTHER = "ACT-00000001", "ACT-00000002"


def delete(rows):
    del rows[4]
    return [("missing", DEVICE, 5)]


def double(rows):
    rows.append(dict(rows[4]))
    return [("twice", DEVICE, 5)]


def change_payload(rows):
    payload = json.loads(rows[4]["payload"])
    rows[4]["payload"] = json.dumps({**payload, "lat": 33.0})
    return [("altered", DEVICE, 5, "payload.lat")]


def drop_payload_field(rows):
    payload = json.loads(rows[4]["payload"])
    del payload["accuracy_m"]
    rows[4]["payload"] = json.dumps(payload)
    return [("altered", DEVICE, 5, "payload.accuracy_m")]


def break_payload(rows):
    rows[4]["payload"] = rows[4]["payload"][:-3]
    return [("altered", DEVICE, 5, "payload")]


def shift_timestamp(rows):
    rows[4]["event_timestamp"] = "2026-03-14T13:01:15Z"  # a server that took UTC for New York
    return [("altered", DEVICE, 5, "event_timestamp")]


def change_type(rows):
    rows[4]["event_type"] = "gps_no_fix"
    return [("altered", DEVICE, 5, "event_type")]


def change_firmware(rows):
    rows[4]["firmware_version"] = "0.4.0"
    return [("altered", DEVICE, 5, "firmware_version")]


def invent(rows):
    rows.append({**rows[11], "sequence_number": 13})
    return [("invented", DEVICE, 13)]


def file_under_another(rows):
    rows[11]["device_id"] = "ACT-0000000F"
    return [("missing", DEVICE, 12), ("invented", "ACT-0000000F", 12)]


def file_under_another_that_has_the_number(rows):
    rows[4]["device_id"] = OTHER
    rows[4]["payload"] = json.dumps({"lat": 1})
    lost = [("missing", DEVICE, 5)]
    return [*lost, ("twice", OTHER, 5, "payload.accuracy_m", "payload.lat", "payload.lon")]


def shift_numbers(rows):
    for row in rows[:12]:
        row["sequence_number"] -= 1
    changed = [("altered", DEVICE, n, "event_timestamp", "payload.lat") for n in range(1, 12)]
    return [("invented", DEVICE, 0), *changed, ("missing", DEVICE, 12)]


def swap(rows):
    rows[4], rows[7] = rows[7], rows[4]
    return [("out_of_order", DEVICE, 5), ("out_of_order", DEVICE, 8)]


def lose_the_key(rows):
    rows[4]["sequence_number"] = None
    return [("missing", DEVICE, 5), ("invented", DEVICE, None)]


DAMAGES = (
    delete,
    double,
    change_payload,
    drop_payload_field,
    break_payload,
    shift_timestamp,
    change_type,
    change_firmware,
    invent,
    file_under_another,
    file_under_another_that_has_the_number,
    shift_numbers,
    swap,
    lose_the_key,
)


def ndjson_store(folder, rows):
    return write_lines(folder / "held.ndjson", rows)


def parquet_store(folder, rows):
    return write_parquet(folder / "held.parquet", rows)


def sqlite_store(folder, rows):
    return write_sqlite(folder / "held.db", rows)


def seen(folder, address, *options):
    """Compare with the undamaged log; return exit code and (kind, device, number, fields)."""
    logged = write_lines(folder / "logged.ndjson", events())
    ran = Ran(logged, "--against", address, "--differences", folder / "all", *options)
    found = []
    for one in told(folder / "all"):
        fields = [change["field"] for change in one.get("changes", ())]
        found.append((one["kind"], one["device_id"], one.get("sequence_number"), *fields))
    return ran.code, sorted(found, key=str)


@pytest.mark.parametrize("store", [ndjson_store, parquet_store, sqlite_store])
@pytest.mark.parametrize("damage", DAMAGES)
def test_every_damage_is_seen_and_nothing_else(damage, store, tmp_path):
    rows = [row_of(event) for event in events()]
    expected = damage(rows)
    assert seen(tmp_path, store(tmp_path, rows)) == (1, sorted(expected, key=str))


@pytest.mark.parametrize("store", [ndjson_store, parquet_store, sqlite_store])
def test_an_undamaged_store_is_clean(store, tmp_path):
    rows = [row_of(event) for event in events()]
    assert seen(tmp_path, store(tmp_path, rows)) == (0, [])


@pytest.mark.parametrize("damage", DAMAGES)
def test_postgresql_shows_every_damage_too(damage, database, postgres, tmp_path):
    rows = [row_of(event) for event in events()]
    expected = damage(rows)
    address = fill(database, postgres, rows, payload="text")
    code, found = seen(tmp_path, address, "--order-by", "id")
    assert (code, found) == (1, sorted(expected, key=str))


@pytest.mark.parametrize("payload", ["text", "json", "jsonb"])
def test_postgresql_undamaged_is_clean(payload, database, postgres, tmp_path):
    rows = [row_of(event) for event in events()]
    address = fill(database, postgres, rows, payload)
    assert seen(tmp_path, address, "--order-by", "id") == (0, [])


def fill(database, postgres, rows, payload):
    database.execute(
        "CREATE TABLE raw_events (id bigserial, device_id text, sequence_number bigint, "
        f"event_type text, event_timestamp timestamptz, payload {payload}, firmware_version text)"
    )
    with database.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO raw_events (device_id, sequence_number, event_type, event_timestamp, "
            "payload, firmware_version) VALUES (%(device_id)s, %(sequence_number)s, "
            "%(event_type)s, %(event_timestamp)s, %(payload)s, %(firmware_version)s)",
            rows,
        )
    return postgres.address()
