"""What each command is run with for the kept captures, and how its screen becomes a text."""

from __future__ import annotations

import io
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from badge.cli import main as command_line
from tests.badge.cli import told
from tests.command import call
from tests.paths import ROOT
from tests.patience import PATIENCE_S

WALK = ROOT / "sim" / "demo" / "input" / "shift.gpx"
COMMANDS = {
    "help": ["--help"],
    "scenario-list": ["scenario", "list"],
    "scenario-check": ["scenario", "check", "crew-of-five"],
    "scenario-new": ["scenario", "new", "site.yaml", "--from", "crew-of-five"],
    "power": ["power", "crew-of-five"],
    "record": ["record", "--track", "shift.gpx", "--out", "again.ndjson"],
    "replay": ["replay", "walk.ndjson"],
    "validate": ["validate", "one.ndjson"],
    "assign": ["assign", "W-007"],
    "unassign": ["unassign"],
    "conform-list": ["conform", "grouplink", "--list"],
    "send": ["send", "blecon"],
    "version": ["version"],
    "config": ["config"],
    "schema": ["schema", "--out", "events.schema.json"],
    "provision": ["provision", "--port", "nowhere", "--config", "one.ndjson"],
    "explain": ["explain", "one.ndjson"],
    "firmware": ["firmware", "export", "firmware"],
    "completion": ["completion", "fish"],
    **{name: words for name, (words, _) in told.FIXED.items()},
}
"""Cheap ones, of the default run."""

DEAR = {
    "man": ["man", "pages"],
    "judge": ["judge", "--stimulus", "walk.ndjson", "--events", "fewer.ndjson"],
    "demo": ["demo", "--one"],
    "view": ["view", "walk.ndjson", "--html", "walk.html"],
    "explain-recording": ["explain", "walk.ndjson", "--event", "2050"],
    "export": ["export", "walk.ndjson", "--as", "gpx"],
    "edit": ["edit", "walk.ndjson", "--thin", "4", "--out", "thin.ndjson"],
    "reconstruct": ["reconstruct", "events.ndjson", "--out", "told.ndjson"],
    "simulate": ["simulate", "quiet-day", "--hours", "0.5", "--jobs", "1", "--out", "run"],
    "reconcile": ["reconcile", "fewer.ndjson", "--against", "events.ndjson"],
    "load": ["load", "http://127.0.0.1:9", "--for", "0.1"],
    "conform": ["conform", "http://127.0.0.1:9"],
    "gate": ["gate", "5"],
    "powercut": ["powercut", "--damage", "stuck", "--jobs", "1"],
    "chaos": ["chaos", "--seeds", "1", "--once", "--processes", "1"],
    "shrink": ["shrink", "--seed", "1"],
}
"""Those that take half a second or more."""

LIVE = {
    "serve": (["serve", "--db", "ingest.db", "--port", "0"], "Ctrl-C"),
    "listen": (["listen", "blecon", "--port", "0"], "http://"),
    "notecard": (["notecard", "--tcp", "127.0.0.1:0"], "Ctrl-C"),
    "notehub": (["notehub", "hub.sock"], "Ctrl-C"),
    "run": (["run", "--notecard", "serial:nowhere", "--flash", "b.flash"], "is not there[^^]*quit"),
    "air": (["air", "quiet-day"], "Ctrl-C"),
}
"""Those that go on until they are ended: the command, and the words with which they are ready."""

NOT_KEPT = {"mcp": "it speaks to programs alone"}
"""Commands without a capture, and why."""

# What the clock, the machine or chance says in a line: figures, addresses, keys.
_MOVING = re.compile(
    r"^(?P<name>rate(?= )|took|wall time|CPU time|points a second|hash of all|passed in).*$|"
    r"(?<=127\.0\.0\.1:)\d+|(?<=prov_)\w+|(?<=admin_)\w+|(?<=/tmp/)\S+|[⠀-⣿](?= )",
    re.M,
)
_STYLES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def capture(name: str) -> str:
    """Give both streams of a command on a terminal as wide as COLUMNS, without colours."""
    if name in LIVE:
        return _still(_live(*LIVE[name]))
    screen, notes = Screen(), io.StringIO()  # progress is for a terminal, and tells the time
    before, sys.argv = sys.argv, ["badge", *{**COMMANDS, **DEAR}[name]]
    try:
        with (
            redirect_stdout(screen),
            redirect_stderr(notes),
            told.fixed(name),
            pytest.raises(SystemExit),
        ):
            command_line.main()
    finally:
        sys.argv = before
    return _still(screen.getvalue() + notes.getvalue())


def prepare(folder: Path) -> None:
    """Lay what the commands read into a folder: a walk, its recording, events of it."""
    shutil.copyfile(WALK, folder / "shift.gpx")
    words = ["--out", folder / "walk.ndjson", "--events", folder / "events.ndjson"]
    assert call("record", "--track", folder / "shift.gpx", *words).code == 0
    lines = (folder / "events.ndjson").read_text().splitlines(keepends=True)
    (folder / "one.ndjson").write_text(lines[0])
    (folder / "fewer.ndjson").write_text("".join(lines[:40] + lines[41:90] + lines[95:]))


def _live(words: list[str], ready: str) -> str:
    """Run a command on a pseudo terminal until its words are there, then end it."""
    screen, inside = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "badge", *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=inside,
        stderr=inside,
    )
    os.close(inside)
    shown = ""
    try:
        while not (found := re.search(f"{ready}[^\n]*\r?\n?", _STYLES.sub("", shown))):
            assert select.select([screen], [], [], PATIENCE_S)[0], shown
            shown += os.read(screen, 1 << 16).decode(errors="replace")
        told = _STYLES.sub("", shown)[: found.end()]
    finally:
        running.send_signal(signal.SIGTERM)
        _drain(screen)
        running.kill()  # of one that has ended, nothing
        running.wait()
    return told.replace("\r\n", "\n").rpartition("\r")[2] if "\r" in told.rstrip() else told


def _drain(screen: int) -> None:
    try:
        while select.select([screen], [], [], PATIENCE_S)[0] and os.read(screen, 1 << 16):
            pass
    except OSError:  # the other side is closed: it has ended
        os.close(screen)


def _still(text: str) -> str:
    plain = _STYLES.sub("", text)
    still = _MOVING.sub(lambda found: f"{found['name'] or ''}…", plain)
    return "".join(f"{line.rstrip()}\n" for line in still.splitlines())
