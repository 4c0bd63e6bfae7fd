"""Manual pages: one for each command, which `man` reads without a complaint."""

from __future__ import annotations

import shutil
import subprocess

import click
import pytest

from badge.cli import main as command_line
from badge.cli.program.manual import every_command
from tests.command import call


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("man")
    said = call("man", folder / "man1")
    assert said.code == 0
    return folder / "man1"


def test_every_command_has_its_page_with_all_of_its_options(pages):
    with click.Context(command_line.badge):
        for words, command in every_command():
            text = (pages / f"{'-'.join(words)}.1").read_text()
            assert text.startswith(f'.TH {"-".join(words).upper()} 1 ""')
            for option in command.params:
                if isinstance(option, click.Option):
                    assert max(option.opts, key=len).replace("-", "\\-") in text
    assert ".B BADGE_SEED\n" in (pages / "badge-simulate.1").read_text().replace("\\", "")


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_groff_has_nothing_to_complain_of(pages):
    done = subprocess.run(
        ["groff", "-Kutf8", "-man", "-Tutf8", "-ww", "-z", *sorted(map(str, pages.iterdir()))],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
