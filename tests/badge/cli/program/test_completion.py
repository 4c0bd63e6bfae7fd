"""Completion as the shells ask for it: commands, options, scenarios, files, devices."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from badge.cli.program import completion
from tests.command import call


def completed(shell: str, words: str, folder: Path) -> list[str]:
    """Ask the program as the shell's own script does."""
    typed = ["badge", *words.split(" ")]
    given = {
        "bash": {"COMP_WORDS": "badge " + words, "COMP_CWORD": str(len(typed) - 1)},
        "zsh": {"COMP_WORDS": "badge " + words, "COMP_CWORD": str(len(typed) - 1)},
        "fish": {"COMP_WORDS": "badge " + words.rpartition(" ")[0], "COMP_CWORD": typed[-1]},
    }[shell]
    done = subprocess.run(
        [sys.executable, "-m", "badge"],
        cwd=folder,
        env={**os.environ, **given, completion.VARIABLE: f"{shell}_complete"},
        capture_output=True,
        text=True,
    )
    found = done.stdout.splitlines()
    if shell == "zsh":
        return [one for one in found if one not in ("plain", "_", "dir", "file")]
    return [one.partition(",")[2].partition("\t")[0] for one in found]


@pytest.mark.parametrize("shell", completion.SHELLS)
def test_commands_options_and_scenarios_are_completed(shell, tmp_path):
    (tmp_path / "quick.yaml").write_text("")
    assert "serve" in completed(shell, "ser", tmp_path)
    assert "--provision" in completed(shell, "simulate --prov", tmp_path)
    assert {"quiet-day", "quick.yaml"} <= set(completed(shell, "simulate qui", tmp_path))


@pytest.mark.parametrize("shell", completion.SHELLS)
def test_the_shell_takes_what_is_printed(shell, tmp_path):
    said = call("completion", shell)
    assert said.code == 0
    assert completion.VARIABLE in said.out
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    (tmp_path / "script").write_text(said.out)
    done = subprocess.run([shell, "-n", tmp_path / "script"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_another_shell_is_refused_with_those_there_are():
    said = call("completion", "tcsh")
    assert said.code == 2
    assert "choose bash, zsh or fish" in said.err
