"""Without what POSIX alone has (as on Windows), the main commands run, the others say why not."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.paths import ROOT

HIDING = """
import os, socket, signal, sys
# Libraries with a way of their own on each system choose it when they are loaded.
import portalocker, serial, serial.tools.list_ports
for name in ("fcntl", "termios", "tty", "pty", "pwd", "grp", "resource", "uvloop"):
    sys.modules[name] = None
for name in ("fdatasync", "fchmod", "fchown", "openpty", "getuid", "geteuid", "sched_getaffinity",
             "O_CLOEXEC", "pwrite", "pread", "mkfifo", "setsid", "getpgid", "killpg",
             "fork", "forkpty"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGKILL", "SIGHUP", "SIGQUIT", "SIGUSR1"):
    if hasattr(signal, name):
        delattr(signal, name)
if sys.argv[1] in ("air", "notehub", "assign"):  # else asyncio here could not begin
    del socket.AF_UNIX
from badge.cli import main
main.main()
"""


def run(folder, *words):
    return subprocess.run(
        [sys.executable, "-c", HIDING, *map(str, words)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


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
    ("simulate", "quiet-day", "--hours", "0.1", "--out", "run", "--jobs", "1"),
    ("reconcile", "run", "--against", "run/events.ndjson"),
    ("judge", "--stimulus", "r.ndjson", "--events", "e.ndjson"),
    ("view", "run", "--html", "page.html"),
    ("probe",),
]


@pytest.mark.slow
def test_the_main_commands_run(tmp_path):
    for words in STEPS:
        done = run(tmp_path, *words)
        assert "Traceback" not in done.stderr
        assert done.returncode in ((0, 1) if words[0] == "probe" else (0,)), (words, done.stderr)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("notecard", "--pty"), "no pseudo terminals: take --tcp HOST:PORT"),
        (("air", "quiet-day"), "badge air needs a Unix socket"),
        (("notehub", "hub.sock"), "badge notehub needs a Unix socket"),
        (("assign", "W-007"), "buttons needs a Unix socket"),
    ],
)
def test_what_needs_more_says_so_in_a_sentence(tmp_path, words, says):
    done = run(tmp_path, *words)
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert says in done.stderr


def test_the_flash_and_the_log_are_kept(tmp_path):
    done = run(tmp_path, *STEPS[3], "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["events_total"] > 100
    assert (tmp_path / "b.flash").stat().st_size > 0
