"""SQLAlchemy's databases: SQLite by way of it, and a real MariaDB server of the tests' own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest

from badge.errors import InputError
from sim.net.server import held_port
from sim.reconcile.stores.open import open_store
from tests.sim.reconcile.site import PASSWORD, USER, Ran, events, row_of, write_lines, write_sqlite

sqlalchemy = pytest.importorskip("sqlalchemy", reason="these stores need SQLAlchemy")
ROWS = [row_of(event) for event in events()]
TABLE = """CREATE TABLE raw_events (id BIGINT AUTO_INCREMENT PRIMARY KEY, device_id VARCHAR(12),
    sequence_number BIGINT, event_type VARCHAR(32), event_timestamp DATETIME(6), payload JSON,
    firmware_version VARCHAR(16))"""
INSERT = """INSERT INTO raw_events (device_id, sequence_number, event_type, event_timestamp,
    payload, firmware_version) VALUES (%(device_id)s, %(sequence_number)s, %(event_type)s,
    %(at)s, %(payload)s, %(firmware_version)s)"""


@pytest.fixture
def log(tmp_path):
    return write_lines(tmp_path / "log.ndjson", events())


def test_any_url_of_sqlalchemy_will_do(tmp_path, log):
    write_sqlite(tmp_path / "held.db", ROWS)
    address = f"sqlite+pysqlite:///{tmp_path}/held.db"
    ran = Ran(log, "--against", address)
    assert (ran.code, ran.stderr) == (0, "")
    with open_store(address) as store:
        assert store.tables() == ["raw_events"]
        assert store.columns("none") is None
        assert store.columns("main.raw_events") is not None
        assert (store.is_ordered("raw_events"), store.size("raw_events")) == (False, None)
        with pytest.raises(InputError, match="no such column"):
            list(store.rows("raw_events", ["none"]))
    assert Ran(log, "--against", address, "--table", "main.raw_events").code == 0


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("mongodb://u:s3cret-w0rd@h/d", "this kind of store is not known; sqlite://"),
        ("mysql://u:s3cret-w0rd@127.0.0.1:1/d", "mysql+pymysql://u:***@127.0.0.1:1/d: (2003"),
        ("mysql+oursql2://u:s3cret-w0rd@h/d", "this kind of store is not known"),
        ("mysql://u:s3cret-w0rd@h:x/d", "no URL of a database"),
        ("oracle+cx_oracle://u:s3cret-w0rd@h/d", "needs the Python package cx_Oracle; install it"),
    ],
)
def test_what_cannot_be_opened_is_one_sentence_without_the_password(log, address, words):
    pytest.importorskip("pymysql", reason="MariaDB needs PyMySQL")
    ran = Ran(log, "--against", address)
    assert ran.code == 2
    assert words in ran.stderr
    assert "s3cret-w0rd" not in ran.stderr


@pytest.fixture
def mariadb():
    """A running server with a database and its reader, or the test is skipped."""
    pymysql = pytest.importorskip("pymysql", reason="MariaDB needs PyMySQL")
    install, program = shutil.which("mariadb-install-db"), shutil.which("mariadbd")
    program = program or ("/usr/sbin/mariadbd" if Path("/usr/sbin/mariadbd").exists() else None)
    if install is None or program is None:
        pytest.skip("no MariaDB server is installed (Debian: apt-get install mariadb-server)")
    as_other = ["runuser", "-u", "mysql", "--"] if os.geteuid() == 0 else []
    with (
        held_port() as port,
        tempfile.TemporaryDirectory(prefix="maria", ignore_cleanup_errors=True) as name,
    ):
        if as_other:
            shutil.chown(name, "mysql", "mysql")
        where = ["--no-defaults", f"--datadir={name}/data"]
        subprocess.run(
            [*as_other, install, *where, "--auth-root-authentication-method=normal",
             "--skip-test-db"], check=True, cwd="/", capture_output=True,
        )  # fmt: skip
        server = subprocess.Popen(
            [*as_other, program, *where, f"--socket={name}/s", f"--port={port}",
             "--bind-address=127.0.0.1", "--innodb-buffer-pool-size=16M",
             "--innodb-flush-log-at-trx-commit=0"],
            cwd="/", stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            with closing(_patiently(pymysql, server, port)) as database:
                with database.cursor() as cursor:
                    cursor.execute("CREATE DATABASE ingest CHARACTER SET utf8mb4")
                    cursor.execute(f"CREATE USER {USER}@localhost IDENTIFIED BY '{PASSWORD}'")
                    cursor.execute(f"GRANT SELECT ON ingest.* TO {USER}@localhost")
                    cursor.execute("USE ingest")
                yield database, f"mysql://{USER}:{PASSWORD}@localhost:{port}/ingest"
        finally:
            server.terminate()
            server.wait(60)


def _patiently(pymysql, server, port):
    until_s = time.monotonic() + 120
    while True:
        try:
            return pymysql.connect(host="127.0.0.1", port=port, user="root", autocommit=True)
        except pymysql.err.OperationalError:
            assert server.poll() is None, "the server has ended"
            assert time.monotonic() < until_s, "the server does not answer"
            time.sleep(0.1)


@pytest.mark.slow
def test_a_real_mariadb_is_read(mariadb, log):
    database, address = mariadb
    with database.cursor() as cursor:
        cursor.execute(TABLE)
        for row in ROWS:
            at = row["event_timestamp"].removesuffix("Z").replace("T", " ")
            cursor.execute(INSERT, row | {"at": at})
    for spelt in (address, address.replace("mysql:", "mariadb+pymysql:")):
        ran = Ran(log, "--against", spelt, "--order-by", "id")
        assert (ran.code, ran.stderr) == (0, ""), ran.stdout
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM raw_events WHERE sequence_number = 5")
        cursor.execute("UPDATE raw_events SET event_type = NULL WHERE sequence_number = 7")
        cursor.execute("UPDATE raw_events SET event_timestamp = event_timestamp + INTERVAL 4 HOUR")
    told = json.loads(Ran(log, "--against", address, "--json").stdout)
    assert (told["differences"]["missing"], told["differences"]["altered"]) == (2, 22)
    assert any("is a local time stored as UTC?" in words for words in told["patterns"])
    assert PASSWORD not in json.dumps(told)
    wrong = Ran(log, "--against", address.replace(PASSWORD, "other-w0rd"))
    assert wrong.code == 2
    assert "Access denied" in wrong.stderr
    assert "other-w0rd" not in wrong.stderr
