"""A real PostgreSQL server: its own types, its names, and what goes wrong on the way to it."""

from __future__ import annotations

import json

import pytest

from sim.net.server import held_port
from tests.sim.reconcile.comparison.test_derived import TRUE_SESSION, conclusion
from tests.sim.reconcile.site import PASSWORD, Ran, events, row_of, write_lines, write_run
from tests.sim.reconcile.test_reconciliation_damage import fill

ROWS = [row_of(event) for event in events()]


@pytest.fixture
def log(tmp_path):
    return write_lines(tmp_path / "log.ndjson", events())


def test_the_order_is_that_of_a_column_or_unknown(database, postgres, log):
    fill(database, postgres, ROWS, "jsonb")
    database.execute("UPDATE raw_events SET id = 1000 WHERE sequence_number = 5")
    assert Ran(log, "--against", postgres.address()).code == 0
    ran = Ran(log, "--against", postgres.address(), "--order-by", "id", "--json")
    assert json.loads(ran.stdout)["differences"]["out_of_order"] == 2
    assert PASSWORD not in ran.stdout


def test_a_schema_and_strange_names_are_quoted(database, postgres, log):
    fill(database, postgres, ROWS, "text")
    database.execute("CREATE SCHEMA IF NOT EXISTS ingest")
    database.execute('ALTER TABLE raw_events RENAME TO "Raw.""Events""; DROP"')
    database.execute('ALTER TABLE "Raw.""Events""; DROP" RENAME COLUMN payload TO "body; --"')
    arguments = (log, "--against", postgres.address(), "--column", "payload=body; --")
    assert Ran(*arguments, "--table", 'Raw."Events"; DROP').code == 0
    database.execute('ALTER TABLE "Raw.""Events""; DROP" RENAME TO events')
    database.execute("ALTER TABLE events SET SCHEMA ingest")
    assert Ran(*arguments, "--table", "ingest.events").code == 0
    ran = Ran(*arguments)
    assert "has no table raw_events; it has ingest.events: name it with --table" in ran.stderr
    database.execute("DROP SCHEMA ingest CASCADE")


def test_moments_that_python_has_not_are_differences(database, postgres, log):
    fill(database, postgres, ROWS, "jsonb")
    database.execute("UPDATE raw_events SET event_timestamp = 'infinity' WHERE sequence_number = 5")
    ran = Ran(log, "--against", postgres.address(), "--json")
    example = json.loads(ran.stdout)["examples"]["altered"][0]
    assert example["changes"][0]["held"] == "infinity"


def test_the_zone_of_the_database_changes_nothing(database, postgres, log):
    fill(database, postgres, ROWS, "jsonb")
    database.execute("ALTER DATABASE postgres SET timezone = 'America/New_York'")
    database.execute("ALTER DATABASE postgres SET datestyle = 'SQL, DMY'")
    assert Ran(log, "--against", postgres.address()).code == 0
    database.execute("ALTER DATABASE postgres RESET ALL")


def test_conclusions_are_judged_there_too(database, postgres, tmp_path):
    fill(database, postgres, ROWS, "jsonb")
    database.execute(
        "CREATE TABLE canonical_events "
        "(device_id text, sequence_number bigint, parcel_id text, worker_id text)"
    )
    database.execute(
        'CREATE TABLE work_sessions (worker_id text, parcel_id text, "start" timestamptz, '
        '"end" timestamptz)'
    )
    with database.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO canonical_events VALUES (%(device_id)s, %(sequence_number)s, "
            "%(parcel_id)s, %(worker_id)s)",
            [conclusion(event) for event in events()],
        )
        cursor.execute(
            "INSERT INTO work_sessions VALUES (%(worker_id)s, %(parcel_id)s, %(start)s, %(end)s)",
            TRUE_SESSION,
        )
    run = write_run(tmp_path / "run", events(), [TRUE_SESSION])
    ran = Ran(run, "--against", postgres.address(), "--json", "--at-least", 1)
    assert ran.code == 0
    assert sorted(json.loads(ran.stdout)["conclusions"]) == ["parcel", "session", "worker"]


def test_what_may_not_be_read_is_said(database, postgres, log):
    fill(database, postgres, ROWS, "jsonb")
    database.execute("CREATE ROLE clerk LOGIN PASSWORD 'clerk'")
    address = postgres.address().replace(f"inspector:{PASSWORD}", "clerk:clerk")
    ran = Ran(log, "--against", address)
    database.execute("DROP ROLE clerk")
    assert ran.code == 2
    assert "permission denied for " in ran.stderr


def test_an_unreachable_server_is_one_sentence(postgres, log):
    with held_port() as nobody:
        address = f"postgresql://u:hush@127.0.0.1:{nobody}/d"
        one_sentence(Ran(log, "--against", address), "Connection refused", "hush")


def test_a_wrong_password_or_database_is_one_sentence(postgres, log):
    wrong = Ran(log, "--against", postgres.address(password="hush"))
    one_sentence(wrong, 'password authentication failed for user "inspector"', "hush")
    other = Ran(log, "--against", postgres.address(database="nowhere"))
    one_sentence(other, 'database "nowhere" does not exist', PASSWORD)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:hush@h@host/d",
        "postgresql://u:hush/x@host/d",
        "postgresql://u:hush#x@host/d",
        "postgresql://u:%hush@host/d",
        "postgresql://[u:hush@host/d",
        "postgresql://u@host/d?hush=1",
    ],
)
def test_an_address_that_cannot_be_taken_apart_is_not_repeated(address, log):
    pytest.importorskip("psycopg", reason="PostgreSQL needs psycopg")
    one_sentence(Ran(log, "--against", address), "no PostgreSQL address; write postgresql", "hush")


def one_sentence(ran, words, secret):
    assert ran.code == 2
    assert words in ran.stderr
    assert secret not in ran.stderr + ran.stdout
    assert len(ran.stderr.splitlines()) == 1
