"""The page tells the truth: its example runs, its tables name what there is."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest

from sim.notecard.cli import notecard
from sim.notecard.model.faults import KINDS
from sim.notecard.requests.refusals import REFUSED
from sim.notecard.requests.table import REQUESTS
from tests.paths import DOCS
from tests.patience import PATIENCE_S
from tests.sim.notecard.requests import rig, story_card, story_rest

PAGE = (DOCS / "notecard.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


def test_the_example_runs(capsys, monkeypatch):
    from notecard import notecard as client

    real = client.time.sleep
    monkeypatch.setattr(client.time, "sleep", lambda s: real(min(s, 0.01)))
    lines = section("In a test of yours").splitlines()
    code = "\n".join(line[4:] for line in lines if line.startswith("    "))
    exec(code, {})
    assert capsys.readouterr().out == "notecard-11.1.1.17494\n"


@contextmanager
def running(words: list[str], folder: Path):
    """Run a command of a quick start until the block ends; gives a way to wait for its words.

    That gives the last group of what was found.
    """
    command = [sys.executable, "-u", "-m", "badge", *words[1:]]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    end = Timer(PATIENCE_S, process.kill)  # a word that never comes ends the wait, and fails
    end.start()

    def told(pattern: str) -> str:
        for line in process.stdout:
            if found := re.search(pattern, line):
                return found[found.lastindex or 0]
        raise AssertionError(f"{words} ended and never said {pattern}")

    try:
        yield told
    finally:
        end.cancel()
        process.terminate()
        process.communicate(timeout=PATIENCE_S)


def rows() -> list[str]:
    """The table of requests, from what the tests of the requests show."""
    examples = story_card.EXAMPLES | story_rest.EXAMPLES
    found = []
    for name in rig.names():
        refused = REFUSED.get(name, {})
        acts = [one for one in rig.parameters(name) if one in examples.get(name, {})]
        but = [f"`{one}`" for one in rig.CONTRADICTED.get(name, {})]
        valid = f"but for {', '.join(but)}" if but else "yes"
        cells = (" ".join(acts) or "–", " ".join(refused) or "–", valid)
        found.append(f"| `{name}` | {' | '.join(cells)} |")
    return found


@pytest.mark.skipif(not rig.FOLDER.exists(), reason="the published schema is not here")
def test_the_table_of_requests_is_true():
    table = [line for line in section("What is answered").splitlines() if line.startswith("| `")]
    assert table == rows()
    assert len(table) == 74


def test_the_quick_start_runs_as_printed(tmp_path):
    start = PAGE.split("1. Start an ingest")[1].split("3. Now make it")[0]
    steps = [line.strip() for line in start.splitlines() if line.startswith("       ")]
    serve, card = (shlex.split(line) for line in steps if line.startswith("badge "))
    story = [line for line in steps if line[0] in "→←~^"]
    with running([*serve, "--port", "0"], tmp_path) as served:
        port = served(r"http://127\.0\.0\.1:(\d+)")
        card = [word.replace(":8080/", f":{port}/") for word in card]
        with running(card, tmp_path) as told:
            told("Ctrl-C ends")
            host = os.open(tmp_path / "notecard0", os.O_RDWR | os.O_NOCTTY)
            for line in story:
                if line.startswith("→"):
                    os.write(host, line[2:].encode() + b"\n")
                told(r"\^ event [0-9a-f-]+: 202" if line.startswith("^") else re.escape(line))
            os.close(host)


def test_every_request_is_named():
    named = set(re.findall(r"`([a-z.]+)`", section("What is answered")))
    assert named >= set(REQUESTS)


def test_every_fault_and_option_is_named():
    assert set(re.findall(r"[a-z-]+", section("Faults"))) >= set(KINDS)
    shared = ("--log-level", "--log-file")  # of every command
    for option in (one for one in notecard.params if one.opts[0] not in shared):
        assert option.opts[0] in PAGE, option.opts
