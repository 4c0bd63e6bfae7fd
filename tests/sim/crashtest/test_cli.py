"""`badge crashtest` as people and programs call it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

from click.testing import CliRunner

from sim.crashtest import disk, siege
from sim.crashtest.cli import crashtest
from sim.engine.promises import KEPT, BrokenPromiseError
from tests.command import started
from tests.patience import PATIENCE_S, until

CALL = "import sys; from sim.crashtest.cli import crashtest; crashtest(sys.argv[1:])"


def run(*options):
    return CliRunner().invoke(crashtest, list(options))


def without_abuse(monkeypatch):
    async def quiet(*_, **__):
        return None

    monkeypatch.setattr(siege, "besiege", quiet)
    monkeypatch.setattr(disk, "disks", list)


def test_a_run_prints_its_seed_and_its_figures_as_json(monkeypatch):
    without_abuse(monkeypatch)
    done = run("--kills", "1", "--badges", "3", "--seed", "7", "--json")
    assert done.exit_code == 0
    assert "seed 7: 1 kill under load, 0 while it starts, 3 badges" in done.stderr
    kills = json.loads(done.stdout)["kills"]
    assert (kills["seed"], kills["kills_under_load"], kills["broken"]) == (7, 1, None)
    assert kills["events_kept"] == kills["events_acknowledged"] > 0


def test_a_broken_promise_is_told_and_ends_with_1(monkeypatch):
    async def broken(*_, **__):
        raise BrokenPromiseError(KEPT, "ACT-00000001: 7 is gone")

    monkeypatch.setattr(siege, "besiege", broken)
    done = run("--abuse")
    assert done.exit_code == 1
    assert (
        "BROKEN: I1 (what was acknowledged is there after a restart): ACT-00000001: 7 is gone"
        in (" ".join(done.stdout.split()))
    )


def test_wrong_usage_is_refused():
    assert run("--kills", "0").exit_code == 2
    assert run("--badges", "1000").exit_code == 2


def test_ctrl_c_says_what_was_proven_and_leaves_no_process(tmp_path):
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with started(
        [sys.executable, "-c", CALL, "--kills", "1000", "--badges", "3", "--seed", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stderr.readline().startswith("seed 1: 1,000 kills")
        until(lambda: list(tmp_path.glob("*/crashtest.db-wal")), "no ingest began")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert "nothing acknowledged is missing or there twice so far." in out
    assert err == "badge: interrupted; the above was proven so far\n"
    assert list(tmp_path.iterdir()) == []
