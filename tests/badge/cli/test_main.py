"""The `badge` command: lazy, grouped by job, and one sentence for every mistake."""

from __future__ import annotations

import errno
import subprocess
import sys

import click
import pytest

from badge.cli import main as door
from badge.errors import InputError, MisuseError
from tests.command import call, sentence


def raising(error):
    @click.command()
    def command():
        raise error

    return command


def with_command(monkeypatch, command):
    monkeypatch.setattr(door.Commands, "get_command", lambda self, ctx, name: command)


@pytest.mark.parametrize("entry", door.COMMANDS, ids=lambda entry: entry.name)
def test_every_command_can_be_opened_and_explains_itself(entry):
    said = call(entry.name, "--help")
    assert said.code == 0
    assert f"badge {entry.name}" in said.out
    if entry.name in ("demo", "record", "replay", "validate", "schema", "serve"):
        assert max(map(len, said.out.splitlines())) <= 80


def test_the_help_names_every_command_under_its_job_within_80_columns():
    said = call("--help")
    for entry in door.COMMANDS:
        if entry.hidden:
            continue
        assert f"{entry.job}:" in said.out
        assert f"  {entry.name} " in said.out
    assert "130 interrupted" in said.out
    assert max(map(len, said.out.splitlines())) <= 80


def test_the_help_imports_no_room():
    code = "import sys; sys.argv = ['badge', '--help']\nfrom badge.cli import main as door\n"
    code += "try:\n    door.main()\nexcept SystemExit:\n    pass\n"
    code += "print([n for n in sys.modules if n.split('.')[0] in ('sim', 'hil', 'pydantic')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_version_is_told():
    assert call("--version").out.startswith("badge, version ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["--nonsense"], "No such option"),
        (["record"], "Missing option '--track'"),
        (["replay", "--json"], "Missing argument 'RECORDING'"),
    ],
)
def test_wrong_usage_is_exit_code_2(arguments, words):
    said = call(*arguments)
    assert said.code == 2
    assert words in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (InputError("walk.gpx: no times"), 2, "badge: walk.gpx: no times"),
        (MisuseError("time went back"), 2, "badge: time went back"),
        (KeyboardInterrupt(), 130, "badge: interrupted"),
        (KeyboardInterrupt("stopped; 3 events wait"), 130, "badge: stopped; 3 events wait"),
        (PermissionError(errno.EACCES, "Permission denied", "x.db"), 2, "badge: x.db: Permission"),
        (OSError(errno.ENOSPC, "No space left on device", "o"), 2, "make room and run it again"),
        (OSError("odd"), 2, "badge: odd"),
        (click.exceptions.Exit(1), 1, ""),
        (ModuleNotFoundError("no", name="bleak.backends"), 2, "badge-simulator[hil]"),
    ],
)
def test_an_error_becomes_one_sentence_and_its_code(monkeypatch, error, code, words):
    with_command(monkeypatch, raising(error))
    said = call("anything")
    assert said.code == code
    if words:
        assert words in sentence(said)


def test_a_missing_module_of_our_own_is_a_bug_and_shows(monkeypatch):
    with_command(monkeypatch, raising(ModuleNotFoundError("no", name="sim.nowhere")))
    with pytest.raises(ModuleNotFoundError):
        call("anything")


def test_a_reader_that_went_away_is_no_error():
    done = subprocess.run(
        f"{sys.executable} -m badge.cli.main schema | head -c 1",
        shell=True,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
