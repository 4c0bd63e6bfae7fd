"""What a user sets about a device is read at once, and refused in a sentence."""

from __future__ import annotations

import pytest

from badge.errors import InputError
from hil.dut.drivers.ports import Setup


@pytest.mark.parametrize(
    ("setting", "command", "words"),
    [
        ("command", "dut --port {serial}", r"dut_command: \{serial\} is unknown; there are"),
        ("command", "dut {}", r"\{\} is unknown"),
        ("reset", "dut {0}", r"dut_reset: \{0\} is unknown"),
        ("power_on", "dut 'x", "dut_power_on: .*No closing quotation"),
        ("power_off", "dut {x", "dut_power_off"),
    ],
)
def test_a_command_that_cannot_be_read_is_refused_at_once(setting, command, words):
    with pytest.raises(InputError, match=words):
        Setup(**{setting: command})
