"""The page's shell lines do what they say, in order, in an empty folder."""

from __future__ import annotations

import re
import shlex
import subprocess

import pytest
from click.testing import CliRunner

from sim.demo.cli import demo
from tests.paths import DOCS
from tests.sim.reconcile.site import Ran

pytestmark = pytest.mark.slow

PAGE = DOCS / "reconcile.md"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_shell_line_ends_as_it_says(folder):
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
    lines = [line for block in blocks for line in block.splitlines()]
    assert len(lines) == 5
    for line in lines:
        expected = 1 if "# exit 1" in line else 0
        words = shlex.split(line, comments=True)
        match words[:2]:
            case ["badge", "demo"]:
                code = CliRunner().invoke(demo, words[2:], standalone_mode=True).exit_code
            case ["badge", "reconcile"]:
                code = Ran(*words[2:]).code
            case _:
                code = subprocess.run(line, shell=True, check=False).returncode
        assert code == expected, line
    assert len((folder / "differences.ndjson").read_text().splitlines()) == 10
