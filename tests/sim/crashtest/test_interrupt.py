"""Commands that write, killed and starved: a sample here, 200 kills and 30 disks by command."""

from __future__ import annotations

import sys

import pytest

from sim.crashtest import interrupt as module
from sim.crashtest.interrupt import Interrupted, interrupt, undisturbed
from sim.crashtest.writers import WritingCommand, writers
from sim.engine.promises import BrokenPromiseError
from tests.paths import ROOT

INPUT = ROOT / "sim" / "demo" / "input"
TABLE = {w.name: w for w in writers(str(INPUT / "shift.gpx"), str(INPUT / "shift.csv"))}


def campaign(tmp_path, writer, *, seed=1, kills=1, disks=1):
    seen, told = Interrupted(), []
    whole = undisturbed(writer, tmp_path / "w")
    interrupt([whole], tmp_path / "w", seen, told.append, seed=seed, kills=kills, disks=disks)
    assert told == [writer.name] * (kills + disks)
    return seen


def test_a_schema_is_there_whole_or_not_at_all(tmp_path):
    seen = campaign(tmp_path, TABLE["schema"], kills=2, disks=2)
    assert seen.figures()["kills"] == {"schema": 2}
    assert seen.broken is None


@pytest.mark.slow
@pytest.mark.parametrize("name", TABLE)
def test_every_command_goes_on_and_ends_as_if_nothing_had_been(tmp_path, name):
    seen = campaign(tmp_path, TABLE[name], kills=2, disks=2)
    assert (seen.kills[name], seen.disks[name]) == (2, 2)


HALF = """
import sys, time
file = open("half.txt", "x")
file.write("half"); file.flush(); time.sleep(0.2); file.write(" and half")
"""


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (HALF, "half.txt"),
        ("raise SystemExit(70)", "70"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "-11"),
        ("1 / 0", "Traceback"),
    ],
)
def test_a_command_that_breaks_the_law_is_named(tmp_path, monkeypatch, script, words):
    monkeypatch.setattr(module, "COMMAND", (sys.executable, "-c", script))
    writer = WritingCommand("half", (), ("half.txt",))
    with pytest.raises(BrokenPromiseError, match=words):
        campaign(tmp_path, writer, kills=0, disks=6)


def test_one_that_does_not_end_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "COMMAND", (sys.executable, "-c", "input() or 1", "x"))
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)
    with pytest.raises(BrokenPromiseError, match="no end within 0 s"):
        undisturbed(WritingCommand("slow", (), ()), tmp_path / "w")
