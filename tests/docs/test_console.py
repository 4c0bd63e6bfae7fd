"""docs/console.md: every input and its fields, and the figures of the protocol."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from badge.recording.format import NAMES
from hil.dut import device, provision
from hil.dut.drivers import console
from hil.dut.drivers.ports import PLACEHOLDERS
from tests.paths import DOCS, EXAMPLES

PAGE = (DOCS / "console.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", NAMES, ids=lambda kind: NAMES[kind])
def test_every_input_is_there_with_all_its_fields(kind):
    (row,) = re.findall(rf"^\| `{NAMES[kind]}` \| (.*?)\|", PAGE, re.M)
    said = set(re.findall(r"`([a-z_]+)`", row))
    assert said == {field.name for field in fields(kind)}


def test_the_figures_are_those_of_the_code():
    assert f"{console.CONSOLE_BAUD} baud" in PAGE
    assert f"at most {console.LINE_BYTES_MAX} bytes" in PAGE
    assert f"within **{device.LINE_TIMEOUT_S:g} s**" in PAGE
    assert f"within {provision.ANSWER_TIMEOUT_S:g} s" in PAGE
    assert f"within {provision.REBOOT_TIMEOUT_S:g} s" in PAGE
    assert f"full for {console.SEND_TIMEOUT_S:g} s" in PAGE


def test_its_answers_are_those_of_the_example():
    source = (EXAMPLES / "firmware_bench" / "device.py").read_text(encoding="utf-8")
    assert 'b"ok\\n"' in source
    assert 'f"error: {error}' in source
    assert '"ok": True' in source
    assert all(f"{{{name}}}" in (DOCS / "firmware.md").read_text() for name in PLACEHOLDERS)
