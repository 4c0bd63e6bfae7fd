"""The whole backends of examples/backends, started for real: the kit finds nothing wrong."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress

import pytest

from tests.command import call
from tests.paths import EXAMPLES
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.slow
BACKENDS = EXAMPLES / "backends"
KEYS = {"PROVISIONING_KEY": "prov-of-the-test", "ADMIN_KEY": "admin-of-the-test"}
OFFERED = ("--provisioning-key", KEYS["PROVISIONING_KEY"], "--admin-key", KEYS["ADMIN_KEY"])


@contextmanager
def started(folder, *command, **environment):
    """Start a backend in a folder; gives its URL, as it prints it."""
    schema = folder / "event.schema.json"
    assert call("schema", "--out", schema).code == 0
    whole = os.environ | KEYS | {"PORT": "0", "SCHEMA": str(schema)} | environment
    with subprocess.Popen(
        [*map(str, command)], cwd=folder, env=whole, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            line = process.stdout.readline()
            assert line.startswith("listening on "), f"{command}: {line or 'ended at once'}"
            yield line.split()[-1]
        finally:
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE_S)
            process.kill()  # of one that has ended, nothing


def keeps_the_contract(url, *options):
    """Judge a backend by all checks, and by what is in its store."""
    said = call("conform", url, "--json", *OFFERED, *options)
    told = json.loads(said.out)
    wrong = [check for check in told["checks"] if check["verdict"] == "failed"]
    assert wrong == []
    assert told["passed"] > 100
    assert "keeps what it acknowledged" in [check["name"] for check in told["checks"]]
    assert said.code == 0


def test_flask_and_sqlite(tmp_path):
    pytest.importorskip("waitress", reason="the example is served by waitress")
    with started(tmp_path, sys.executable, BACKENDS / "ingest_flask.py", DB="ingest.db") as url:
        profile = ("--profile", BACKENDS / "ingest_flask.toml")
        keeps_the_contract(url, *profile, "--store", f"sqlite:///{tmp_path}/ingest.db")


def test_fastapi_and_postgresql(postgres, database, tmp_path):
    address = postgres.address()
    environment = {"DATABASE_URL": address}
    with started(tmp_path, sys.executable, BACKENDS / "ingest_fastapi.py", **environment) as url:
        keeps_the_contract(url, "--store", address)
    assert database.execute("select count(*) from raw_events").fetchone()[0] > 1000


def test_express_and_sqlite(tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node is installed")
    needed = ("express", "ajv/dist/2020", "lossless-json", "node-sqlite3-wasm")
    words = ";".join(f"require({name!r})" for name in needed)
    if subprocess.run([node, "-e", words], capture_output=True).returncode:
        pytest.skip(f"npm install {' '.join(needed)}, and its folder in NODE_PATH")
    with started(tmp_path, node, BACKENDS / "ingest_express.js", DB="ingest.db") as url:
        keeps_the_contract(url, "--store", f"sqlite:///{tmp_path}/ingest.db")
