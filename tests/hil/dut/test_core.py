"""A core in C under test: judged by what it logs when a recording happens to it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from badge.host.firmware.process import CoreFailureError
from hil.dut.cli import judge
from hil.dut.core import CoreUnderTest
from tests.badge.host.foreign import library, needs_foreign
from tests.paths import EXAMPLES, ROOT

pytestmark = needs_foreign
SHIFT = EXAMPLES / "firmware_bench" / "shift.ndjson"


def said(*arguments):
    return CliRunner().invoke(judge, ["--stimulus", str(SHIFT), *map(str, arguments)])


def test_our_core_is_as_it_should_be(tmp_path_factory):
    with CoreUnderTest(library(tmp_path_factory, "right")) as core:
        verdict = core.judge(SHIFT)
    assert verdict
    assert verdict.logged > 40


def test_a_slip_is_found(tmp_path_factory):
    verdict = CoreUnderTest(library(tmp_path_factory, "deaf")).judge(SHIFT)
    assert not verdict
    assert verdict.first.event_type == "ble_proximity"


def test_what_a_core_cannot_do_is_not_asked_of_it(tmp_path_factory):
    assert CoreUnderTest(library(tmp_path_factory, "simple")).judge(SHIFT)


def test_a_crash_is_a_finding(tmp_path_factory):
    with pytest.raises(CoreFailureError, match="crashed with signal 11 at GpsFix"):
        CoreUnderTest(library(tmp_path_factory, "crash")).judge(SHIFT)


def test_the_command(tmp_path_factory):
    right = said("--core", library(tmp_path_factory, "right"))
    assert right.exit_code == 0
    assert "as it should be" in right.output
    deaf = said("--core", library(tmp_path_factory, "deaf"), "--json")
    assert deaf.exit_code == 1
    crash = said("--core", library(tmp_path_factory, "crash"))
    assert crash.exit_code == 1
    assert "crashed with signal 11" in crash.output


def test_either_events_or_a_core(tmp_path_factory):
    found = said()
    assert "either --events FILE or --core LIBRARY" in str(found.exception)


def test_the_fixture(tmp_path, tmp_path_factory):
    """`core` of the plugin, with the library out of pytest.ini."""
    right = library(tmp_path_factory, "right")
    (tmp_path / "pytest.ini").write_text(f"[pytest]\ncore_library = {right}\n")
    (tmp_path / "test_mine.py").write_text(
        "from pathlib import Path\n\n"
        f"def test_it(core):\n    assert core.judge(Path({str(SHIFT)!r}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "hil.dut.plugin", str(tmp_path)],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTEST_ADDOPTS": "",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr
