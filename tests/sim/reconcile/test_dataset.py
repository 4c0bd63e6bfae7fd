"""A data set against stores that lie as it does, or otherwise, and hold what they should not."""

import json
from hashlib import sha256

import pytest
from click.testing import CliRunner

from badge.errors import InputError
from sim.reconcile.cli import reconcile

duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed (extra: duckdb)")

BADGES, EVENTS = 6, 40
PARTS = 3


def column(name, kind):
    return f"NULL::{kind} AS {name}"


NONE = ", ".join(
    column(name, kind)
    for kind, names in {
        "BIGINT": "timeout_s rssi last_rssi detection_count duration_s battery_pct voltage_mv "
        "previous_uptime_s events_in_queue",
        "DOUBLE": "accuracy_m altitude_m speed_kmh last_known_lat last_known_lon",
        "VARCHAR": "assigned_by end_reason tag_mac previous_state new_state reason",
    }.items()
    for name in names.split()
)
ROWS = f"""
SELECT printf('ACT-%08X', badge) AS device_id, number AS sequence_number, 'gps' AS event_type,
  TIMESTAMPTZ '2026-03-02 12:00:00Z' + to_seconds(number * 2160) AS timestamp_utc,
  '0.3.0' AS firmware_version, 45.5 + number / 1000.0 AS lat, 15.5::DOUBLE AS lon,
  '3D' AS fix_type, NULL::VARCHAR AS worker_id, {NONE}
FROM range(1, {BADGES + 1}) b(badge), range(1, {EVENTS + 1}) n(number)
"""

OUTSIDE = """{"format": "parquet", "counts": {}, "files": [
  {"table": "truth/events", "site": "a", "path": "%s", "rows": 1, "sha256": ""}]}"""


@pytest.fixture
def made(tmp_path):
    """A data set of three parts over two days, and the events of a backend beside it."""
    files = []
    for part in range(PARTS):
        for day in ("2026-03-02", "2026-03-03"):
            name = f"site=east/day={day}/part-{part:05d}.parquet"
            pair = [f"'ACT-{2 * part + one:08X}'" for one in (1, 2)]
            when = "<" if day.endswith("02") else ">="
            of = f"FROM ({ROWS}) WHERE device_id IN ({', '.join(pair)})"
            of += f" AND sequence_number {when} 20"
            truth = "* REPLACE ('Ana' AS worker_id), sequence_number <> 7 AS delivered"
            truth += ", CASE sequence_number WHEN 7 THEN 'queued' END AS undelivered_why"
            write(tmp_path / "set" / "truth/events" / name, f"SELECT {truth} {of}")
            write(tmp_path / "set" / "events" / name, f"SELECT * {of} AND sequence_number <> 7")
            count = duckdb.sql(f"SELECT count(*) {of}").fetchall()[0][0]
            one = {"table": "truth/events", "site": "east", "path": f"truth/events/{name}"}
            digest = sha256((tmp_path / "set" / one["path"]).read_bytes()).hexdigest()
            files.append({**one, "rows": count, "sha256": digest})
    manifest = {"format": "parquet", "counts": {"badges": BADGES}, "files": files}
    (tmp_path / "set" / "manifest.json").write_text(json.dumps(manifest))
    return tmp_path / "set"


def write(path, words):
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.sql(f"COPY ({words}) TO '{path}'")


def said(made, store, *more):
    arguments = [str(made), "--against", str(store), "--json", *more]
    result = CliRunner().invoke(reconcile, arguments, catch_exceptions=False)
    return result.exit_code, json.loads(result.stdout)


def test_no_option_is_offered_that_a_data_set_refuses(made):
    told = CliRunner().invoke(reconcile, [str(made), "--against", str(made)]).stdout
    assert "not judged: the files of a data set" in " ".join(told.split())
    assert "--order-by" not in told


@pytest.mark.parametrize("how", ["as ours", "one file", "other files"])
def test_a_store_that_holds_all_is_clean_however_it_lies(made, tmp_path, how):
    store = made
    everything = f"FROM read_parquet('{made}/events/**/*.parquet', hive_partitioning = false)"
    if how == "one file":
        write(store := tmp_path / "all.parquet", f"SELECT * {everything}")
    elif how == "other files":
        store = tmp_path / "store"
        for odd in (0, 1):
            write(
                store / f"{odd}.parquet", f"SELECT * {everything} WHERE sequence_number % 2 = {odd}"
            )
    code, document = said(made, store)
    assert (code, document["clean"], document["parts"]) == (0, True, PARTS)
    assert (document["expected"], document["held"]) == (BADGES * (EVENTS - 1),) * 2
    assert (document["badges"], document["differing"]) == (BADGES, [])
    assert document["rows_per_s"] > 0


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("SELECT * FROM s WHERE device_id <> 'ACT-00000003' OR sequence_number <> 9", "missing"),
        ("SELECT * FROM s UNION ALL SELECT * FROM s WHERE sequence_number = 9 AND lat > 0 "
         "AND device_id = 'ACT-00000003'", "twice"),
        ("SELECT * REPLACE (CASE WHEN device_id = 'ACT-00000003' AND sequence_number = 9 "
         "THEN 1.5 ELSE lat END AS lat) FROM s", "altered"),
        ("SELECT * FROM s UNION ALL SELECT * REPLACE (99 AS sequence_number) FROM s "
         "WHERE device_id = 'ACT-00000003' AND sequence_number = 9", "invented"),
        ("SELECT * FROM s UNION ALL SELECT * REPLACE ('ACT-0000FFFF' AS device_id) FROM s "
         "WHERE device_id = 'ACT-00000003' AND sequence_number = 9", "invented"),
    ],
)  # fmt: skip
def test_one_row_that_is_wrong_is_found(made, tmp_path, words, kind):
    everything = f"read_parquet('{made}/events/**/*.parquet', hive_partitioning = false)"
    write(tmp_path / "s.parquet", f"WITH s AS (SELECT * FROM {everything}) {words}")
    told = tmp_path / "told.ndjson"
    code, document = said(made, tmp_path / "s.parquet", "--differences", told)
    assert code == 1
    assert {name: n for name, n in document["differences"].items() if n} == {kind: 1}
    stranger = "0000FFFF" in words
    assert document["differing"] == ([] if stranger else ["east part-00001"])
    if not stranger:
        (one,) = map(json.loads, told.read_text().splitlines())
        assert (one["device_id"], one["kind"]) == ("ACT-00000003", kind)


def test_a_database_is_no_store_of_a_data_set_and_its_password_is_not_told(made):
    with pytest.raises(InputError, match=r"--against mysql://…: a data set is compared") as caught:
        said(made, "mysql://me:hunter2@db.example/x")
    assert "hunter2" not in str(caught.value)


def test_what_is_no_data_set_or_no_store(made, tmp_path):
    with pytest.raises(InputError, match="no Parquet files"):
        said(made, tmp_path / "nowhere")
    with pytest.raises(InputError, match="only its events are compared"):
        said(made, made, "--order-by", "id")
    truth = next((made / "truth").rglob("*.parquet"))
    content = truth.read_bytes()
    truth.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    with pytest.raises(InputError, match="not as it was made, though the manifest names it"):
        said(made, made)
    truth.unlink()
    with pytest.raises(InputError, match="not there, though the manifest names it"):
        said(made, made)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"format": "csv", "counts": {}, "files": []}', "of csv; make it again with Parquet or"),
        ("{}", r"manifest.json: format: "),
        ('{"format": "parquet", "cou', "manifest.json: not JSON"),
        ('{"format": "parquet", "counts": {}, "files": [{"table": "truth/events"}]}', "files"),
        (OUTSIDE % "../secret.parquet", "leads out of the data set"),
        (OUTSIDE % "/etc/passwd", "leads out of the data set"),
    ],
)
def test_a_manifest_that_is_none(made, text, what):
    (made / "manifest.json").write_text(text)
    with pytest.raises(InputError, match=what):
        said(made, made)


def test_a_data_set_that_is_not_whole_says_how_it_becomes_so(made):
    (made / "_plan.json").write_text("{}")
    assert said(made, made)[0] == 0
    (made / "manifest.json").unlink()
    with pytest.raises(InputError, match="not whole: the badge simulate --dask that began it"):
        said(made, made)


def test_foreign_files_beside_the_events_of_a_data_set_are_no_events(made):
    (made / "_plan.json").write_text("{}")
    write(made / "notes.parquet", "SELECT 1 AS price")
    assert said(made, made)[0] == 0
