"""What commands print on terminals of 80 and 120 columns, kept as files that were looked at.

`python -m tests.badge.cli.test_main_captures` writes them anew, for a look at the difference.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from pathlib import Path

import click
import pytest
from rich.cells import cell_len

from badge.cli import main as command_line
from tests.badge.cli.captured import COMMANDS, DEAR, LIVE, NOT_KEPT, capture, prepare

FOLDER = Path(__file__).parent / "captures"
CASES = [(name, columns) for name in (*COMMANDS, *DEAR, *LIVE) for columns in (80, 120)]
MARKED = [
    pytest.param(*case, marks=() if case[0] in COMMANDS else pytest.mark.slow) for case in CASES
]

# What a terminal breaks by itself, so that it can be copied whole: what went wrong, and why.
SENTENCE = re.compile(r"badge: |  \d+\. ")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("captures")
    prepare(folder)
    return folder


@pytest.mark.parametrize(("name", "columns"), MARKED)
def test_a_command_prints_what_was_looked_at(name, columns, prepared, tmp_path, monkeypatch):
    for path in prepared.iterdir():
        shutil.copyfile(path, tmp_path / path.name)
    monkeypatch.chdir(tmp_path)
    for variable in [one for one in os.environ if one.startswith("BADGE_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(columns))
    kept = (FOLDER / str(columns) / f"{name}.txt").read_text("utf-8")
    assert capture(name) == kept, "is it meant? python -m tests.badge.cli.test_main_captures"


@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_is_wider_than_its_terminal_and_none_is_a_regex(columns):
    for path in (FOLDER / str(columns)).iterdir():
        if path.stem == "completion":  # a script: a shell reads it
            continue
        lines = path.read_text("utf-8").splitlines()
        laid_out = [line for line in lines if not SENTENCE.match(line)]
        assert [line for line in laid_out if cell_len(line) > columns] == [], path.name
        assert [line for line in lines if re.search(r"\\[dwsb]|\(\?|\[\^|\]\{\d", line)] == []


def test_nothing_is_kept_that_nobody_prints():
    found = {f"{path.parent.name}/{path.stem}" for path in FOLDER.rglob("*.txt")}
    assert found == {f"{columns}/{name}" for name, columns in CASES}


def test_every_command_has_its_capture_or_a_reason():
    listed = set(command_line.badge.list_commands(click.Context(command_line.badge)))
    words = [*COMMANDS.values(), *DEAR.values(), *(one for one, _ in LIVE.values())]
    assert listed - {one[0] for one in words} - set(NOT_KEPT) == set()


def test_one_is_one_and_two_are_two():
    """Counts agree with their nouns in all that is kept."""
    for path in FOLDER.rglob("*.txt"):
        text = path.read_text("utf-8")
        plural = r"(?<![\d.,])1 (?:badge|event|hour|batch|point|pair|check|process|file)e?s\b"
        assert not re.findall(plural, text), path.name


def _keep_all() -> None:
    os.environ["TERM"] = "xterm"
    for name, columns in CASES:
        os.environ["COLUMNS"] = str(columns)
        folder = FOLDER / str(columns)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
            prepare(Path(scratch))
            (folder / f"{name}.txt").write_text(capture(name), "utf-8")


if __name__ == "__main__":
    _keep_all()
