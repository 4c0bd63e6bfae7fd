"""What main commands print on terminals of 80 and 120 columns, kept as files that were looked at.

`python -m tests.badge.cli.test_main_captures` writes them anew, for a look at the difference.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from rich.cells import cell_len

from badge.cli import main as command_line
from tests.command import call
from tests.paths import ROOT

FOLDER = Path(__file__).parent / "captures"
COMMANDS = {
    "help": ["--help"],
    "scenario-list": ["scenario", "list"],
    "scenario-check": ["scenario", "check", "crew-of-five"],
    "power": ["power", "crew-of-five"],
    "record": ["record", "--track", "shift.gpx", "--out", "again.ndjson"],
    "replay": ["replay", "walk.ndjson"],
    "validate": ["validate", "one.ndjson"],
}
WALK = ROOT / "sim" / "demo" / "input" / "shift.gpx"
CASES = [(name, columns) for name in COMMANDS for columns in (80, 120)]
_STYLES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def capture(name: str) -> str:
    """Give both streams of a command on a terminal as wide as COLUMNS, without colours."""
    screen, notes = Screen(), io.StringIO()  # progress is for a terminal, and tells the time
    before, sys.argv = sys.argv, ["badge", *COMMANDS[name]]
    try:
        with redirect_stdout(screen), redirect_stderr(notes), pytest.raises(SystemExit):
            command_line.main()
    finally:
        sys.argv = before
    text = _STYLES.sub("", screen.getvalue()) + notes.getvalue()
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def prepare(folder: Path) -> None:
    """Lay what the commands read into a folder: a walk, its recording, one event of it."""
    shutil.copyfile(WALK, folder / "shift.gpx")
    words = ["--out", folder / "walk.ndjson", "--events", folder / "events.ndjson"]
    assert call("record", "--track", folder / "shift.gpx", *words).code == 0
    first = (folder / "events.ndjson").read_text().splitlines(keepends=True)[0]
    (folder / "one.ndjson").write_text(first)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("captures")
    prepare(folder)
    return folder


@pytest.mark.parametrize(("name", "columns"), CASES)
def test_a_command_prints_what_was_looked_at(name, columns, prepared, tmp_path, monkeypatch):
    for path in prepared.iterdir():
        shutil.copyfile(path, tmp_path / path.name)
    monkeypatch.chdir(tmp_path)
    for variable in [one for one in os.environ if one.startswith("BADGE_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(columns))
    kept = (FOLDER / f"{name}-{columns}.txt").read_text("utf-8")
    assert capture(name) == kept, "is it meant? python -m tests.badge.cli.test_main_captures"


@pytest.mark.parametrize(("name", "columns"), CASES)
def test_no_line_is_wider_than_its_terminal(name, columns):
    lines = (FOLDER / f"{name}-{columns}.txt").read_text("utf-8").splitlines()
    assert [line for line in lines if cell_len(line) > columns] == []


def test_nothing_is_kept_that_nobody_prints():
    assert {path.name for path in FOLDER.iterdir()} == {f"{n}-{c}.txt" for n, c in CASES}


def test_one_is_one_and_two_are_two():
    """Counts agree with their nouns in all that is kept."""
    for path in FOLDER.iterdir():
        text = path.read_text("utf-8")
        plural = r"(?<![\d.,])1 (?:badge|event|hour|batch|point|pair|check|process|file)e?s\b"
        assert not re.findall(plural, text), path.name


def _keep_all() -> None:
    FOLDER.mkdir(exist_ok=True)
    os.environ["TERM"] = "xterm"
    for name, columns in CASES:
        os.environ["COLUMNS"] = str(columns)
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            prepare(Path(folder))
            (FOLDER / f"{name}-{columns}.txt").write_text(capture(name), "utf-8")


if __name__ == "__main__":
    _keep_all()
