"""A real master and two real workers, headless, against a real ingest: counts are the ledger's."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.util import find_spec

import pytest

from sim.ingest.api.ingest import Rules
from sim.ingest.launch import launch_ingest
from sim.ingest.store.sqlite import SqliteStore
from sim.net.server import held_port
from tests.paths import ROOT
from tests.sim.fleet.story import call
from tests.sim.scenario.story import SMALL

pytestmark = pytest.mark.slow
if find_spec("locust") is None:
    pytest.skip("Locust is not installed (extra: locust)", allow_module_level=True)

PATIENCE_S = 240


def test_a_master_and_two_workers_send_each_batch_once(tmp_path):
    (tmp_path / "small.yaml").write_text(SMALL)
    call(tmp_path / "small.yaml", "--badges", 5, "--out", tmp_path / "run")
    (tmp_path / "locustfile.py").write_text("from sim.fleet.locust import BadgeUser\n")
    batches = (tmp_path / "run" / "batches.ndjson").read_text().splitlines()
    sent = {
        (one["device_id"], one["sequence_number"]) for line in batches for one in json.loads(line)
    }
    database = tmp_path / "ledger.db"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def start(*words):
        line = [sys.executable, "-m", "locust", "-f", "locustfile.py", "-L", "ERROR", *words]
        return subprocess.Popen(
            line,
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    with (
        launch_ingest(SqliteStore(database), rules=Rules(open=True)) as server,
        held_port() as free,
    ):
        port = str(free)
        shared = ("--badge-run", "run", "--badge-workers", "2", "--master-port", port)
        workers = [start("--worker", *shared) for _ in range(2)]
        words = ("--master", "--headless", "--expect-workers", "2", "-u", "10", "-r", "10")
        bind = ("--master-bind-host", "127.0.0.1", "--master-bind-port", port)
        master = start(*words, *bind, "--host", server.url, "--run-time", "200s", "--json", *shared)
        try:
            told, said = master.communicate(timeout=PATIENCE_S)
        finally:
            for one in (master, *workers):
                one.kill()
                one.communicate()
    assert master.returncode == 0, said
    (stats,) = json.loads(told)
    assert (stats["num_requests"], stats["num_failures"]) == (len(batches), 0)
    with closing(sqlite3.connect(database)) as opened:
        held = opened.execute("SELECT device_id, sequence_number FROM raw_events").fetchall()
    assert len(held) == len(set(held))
    assert set(held) == sent
