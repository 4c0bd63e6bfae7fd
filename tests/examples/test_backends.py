"""The whole backends of examples/backends, started for real: the kit finds nothing wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.command import call
from tests.paths import EXAMPLES

KEYS = {"PROVISIONING_KEY": "prov-of-the-test", "ADMIN_KEY": "admin-of-the-test"}


@pytest.fixture
def flask_backend(tmp_path):
    schema = tmp_path / "event.schema.json"
    assert call("schema", "--out", schema).code == 0
    environment = os.environ | KEYS | {"PORT": "0", "SCHEMA": str(schema), "DB": "ingest.db"}
    command = [sys.executable, str(EXAMPLES / "backends" / "ingest_flask.py")]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process.stdout.readline().split()[-1]
        process.send_signal(signal.SIGINT)


@pytest.mark.slow
def test_the_flask_one_keeps_the_contract_and_what_it_acknowledges(flask_backend, tmp_path):
    pytest.importorskip("waitress", reason="the example is served by waitress")
    said = call(
        *("conform", flask_backend, "--profile", EXAMPLES / "backends" / "ingest_flask.toml"),
        *("--json", "--store", f"sqlite:///{tmp_path}/ingest.db"),
        *("--provisioning-key", KEYS["PROVISIONING_KEY"], "--admin-key", KEYS["ADMIN_KEY"]),
    )
    told = json.loads(said.out)
    wrong = [check for check in told["checks"] if check["verdict"] == "failed"]
    assert wrong == []
    assert told["passed"] > 100
    assert said.code == 0
