"""The pytest plugin in a stranger's project: the example itself, and what a failure says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import EXAMPLES

pytestmark = pytest.mark.slow

EXAMPLE = EXAMPLES / "firmware_bench"
SHIFT = EXAMPLE / "shift.ndjson"
PLUGIN: list[str] = []


def run_pytest(folder, *words, timeout_s=120):
    """Run a project's tests as its owner does."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [sys.executable, "-m", "pytest", *PLUGIN, *words],
        cwd=folder,
        env={**os.environ, "PATH": path, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


@pytest.fixture(scope="module")
def example_run():
    return run_pytest(EXAMPLE, "-k", "as_it_should or lower or real")


def test_the_right_device_passes_and_a_seeded_bug_is_found(example_run):
    assert "2 passed" in example_run.stdout, example_run.stdout[-3000:]


def test_what_needs_hardware_is_skipped_without_it(example_run):
    assert "1 skipped" in example_run.stdout


STRANGER = f"""
from pathlib import Path

SHIFT = Path({str(EXAMPLE / "shift.ndjson")!r})


def test_judged(device_under_test, ingest):
    device_under_test.power_on()
    device_under_test.feed(SHIFT)
    ingest.wait_for(lambda events: len(events) > 40)
    verdict = device_under_test.judge(SHIFT)
    assert verdict, verdict


def test_reset(device_under_test):
    device_under_test.reset()


def test_the_card_and_the_air(notecard, air):
    assert notecard.card.ask("card.version")["device"]
    notecard.world.volts = 3.5
    assert notecard.card.ask("card.voltage")["value"] == 3.5
    notecard.arm("stale")
    assert notecard.card.ask("echo", {{"text": "a"}}) == {{"text": "a"}}
    assert notecard.struck("stale") == 1
    air.advertise("AA:BB:CC:DD:EE:01", -60)
    assert air.act(lambda air: air.sent) == 1


def test_dies(device_under_test):
    from dataclasses import replace

    device_under_test.setup = replace(device_under_test.setup, command="{{python}} -c pass")
    device_under_test.power_on()
    device_under_test.hear()
"""


@pytest.fixture(scope="module")
def strangers_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stranger")
    (folder / "pytest.ini").write_text(
        f"[pytest]\ndut_command = {{python}} {EXAMPLE}/device.py --notecard {{notecard}} "
        "--console {console} --state {state} --bug stamps-late\ndut_reset = false\n"
    )
    (folder / "test_it.py").write_text(STRANGER)
    return run_pytest(folder).stdout


def test_a_failure_names_the_first_wrong_event(strangers_run):
    assert "first wrong event" in strangers_run
    assert "late: reboot at 2026-03-14T08:32:12Z" in strangers_run
    assert "the notecard's last lines" in strangers_run
    assert "web.post" in strangers_run
    assert "<Verdict on " in strangers_run
    (picture,) = re.findall(r"^file://(\S+/picture\.html)$", strangers_run, re.MULTILINE)
    assert Path(picture).read_text("utf-8").startswith("<!doctype html>")
    assert "Finding(" not in strangers_run, "a verdict is read in a line"


def test_a_device_that_dies_or_cannot_be_reset_is_said(strangers_run):
    assert "the device ended with 0" in strangers_run
    assert "false: it ended with 1" in strangers_run
    assert "3 failed, 1 passed" in strangers_run


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("", "there is no device: set dut_command"),
        ("dut_command = dut --port {serial}", "dut_command: {serial} is unknown; there are {note"),
        ("dut_command = /none/dut {console}", "dut_command: /none/dut cannot be started"),
        ("dut_power_on = true", "set dut_console to its port"),
    ],
)
def test_a_wrong_setting_is_one_sentence_at_once(tmp_path, settings, words):
    (tmp_path / "pytest.ini").write_text(f"[pytest]\n{settings}\n")
    (tmp_path / "test_it.py").write_text(
        f"from pathlib import Path\n\n\ndef test_it(device_under_test):\n"
        f"    device_under_test.power_on()\n    device_under_test.feed(Path({str(SHIFT)!r}))\n"
    )
    said = run_pytest(tmp_path, "--durations=0", "-q").stdout
    told = [line for line in said.splitlines() if words in line]
    assert told, said
    assert "Traceback" not in said
    assert "hil/dut" not in said
