"""Without what POSIX alone has (as on Windows), the main commands run, the others say why not."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.paths import ROOT
from tests.patience import PATIENCE_S

SITE = "from tests.badge.cli.without_posix import hide\nhide()\n"


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """What makes every Python that starts lack what Windows lacks."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "sitecustomize.py").write_text(SITE)
    return {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", "COLUMNS": "120"}


def words_of(words):
    return [sys.executable, "-m", "badge", *map(str, words)]


@pytest.fixture
def run(environment, tmp_path):
    def run(*words):
        return subprocess.run(
            words_of(words),
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )

    return run


@pytest.fixture
def serving(environment, tmp_path):
    @contextmanager
    def serving(pattern, *words):
        """Start a command that serves; give what the pattern finds in its words, then end it."""
        said = tmp_path / "said"
        with said.open("w") as file:
            process = subprocess.Popen(
                words_of(words),
                cwd=tmp_path,
                env=environment,
                stdout=file,
                stderr=file,
                stdin=subprocess.DEVNULL,
            )
        try:
            yield found(process, said, pattern)
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_S)
            finally:
                process.kill()
        assert "Traceback" not in said.read_text()

    return serving


def found(process, said, pattern):
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        if match := re.search(pattern, said.read_text()):
            return match[1]
        assert process.poll() is None, said.read_text()
        time.sleep(0.05)
    raise AssertionError(f"nothing like {pattern} within {PATIENCE_S} s: {said.read_text()}")


WALK = ROOT / "sim" / "demo" / "input" / "shift.gpx"
STEPS = [
    ("--help",),
    ("version", "--verbose"),
    ("config",),
    ("record", "--track", WALK, "--out", "r.ndjson", "--events", "e.ndjson", "--flash", "b.flash"),
    ("replay", "r.ndjson"),
    ("validate", "e.ndjson"),
    ("schema", "--out", "s.json"),
    ("scenario", "check", "quiet-day"),
    ("simulate", "quiet-day", "--hours", "0.1", "--out", "run", "--jobs", "2"),
    ("reconcile", "run", "--against", "run/events.ndjson"),
    ("judge", "--stimulus", "r.ndjson", "--events", "e.ndjson"),
    ("view", "run", "--html", "page.html"),
    ("demo",),
    ("probe",),
]


@pytest.mark.slow
def test_the_main_commands_run(run):
    for words in STEPS:
        done = run(*words)
        assert "Traceback" not in done.stderr
        assert done.returncode == 0, (words, done.stdout, done.stderr)


@pytest.mark.slow
def test_a_server_is_judged_and_loaded_and_stops(run, serving):
    with serving(r"(http://\S+:\d+)", "serve", "--db", "i.db", "--port", "0", "--open") as url:
        done = run("conform", url, "--open")
        assert done.returncode == 0, (done.stdout, done.stderr)
        done = run("load", url, "--rate", "20", "--for", "1", "--api-key", "any", "--json")
        assert done.returncode == 0, (done.stdout, done.stderr)


@pytest.mark.slow
def test_a_card_at_an_address_is_found(run, serving):
    with serving(r"(socket://\S+:\d+)", "notecard", "--tcp", "127.0.0.1:0") as url:
        done = run("probe", "--notecard", f"serial:{url}", "--json")
        assert done.returncode == 0, (done.stdout, done.stderr)
        assert json.loads(done.stdout)[0]["what"].startswith("Notecard NOTE-")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("notecard", "--pty"), "no pseudo terminals: take --tcp HOST:PORT"),
        (("air", "quiet-day"), "no Unix sockets, so no badge air; AirScanner"),
        (("notehub", "hub.sock"), "no Unix sockets, so no badge notehub; badge notecard"),
        (("assign", "W-007"), "no Unix sockets, so no buttons of a running badge; badge run"),
        (("crashtest", "--kills", "1"), "badge crashtest needs Linux"),
    ],
)
def test_what_needs_more_says_so_in_a_sentence(run, words, says):
    done = run(*words)
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert says in done.stderr


def test_the_flash_and_the_log_are_kept(run, tmp_path):
    done = run(*STEPS[3], "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["events_total"] > 100
    assert Path(tmp_path / "b.flash").stat().st_size > 0
