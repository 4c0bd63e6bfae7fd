"""A device is a program, or a board that commands switch."""

from __future__ import annotations

import os
import sys

import pytest

from badge.errors import InputError
from hil.dut.console import ConsoleLines
from hil.dut.drivers import Setup, driver_of

ECHO = (
    "import os, sys; f = os.open(sys.argv[1], os.O_RDWR); "
    "os.write(f, (sys.argv[2] + os.environ.get('AIR', '') + chr(10)).encode()); os.read(f, 1)"
)


@pytest.fixture
def program(tmp_path):
    """A device that says its state folder and what is in its environment, and waits."""
    path = tmp_path / "device.py"
    path.write_text(ECHO)
    return f"{{python}} {path} {{console}} {{state}}"


def made(setup, **how):
    return driver_of(setup, notecard="/dev/pts/9", state="/tmp/state", **how)


def test_a_program_gets_its_places_its_arguments_and_its_environment(program):
    device = made(Setup(command=program), environment={"AIR": " bus"})
    device.power_on()
    device.power_on()
    assert ConsoleLines(device.console()).next(60) == b"/tmp/state bus"
    assert device.ended() is None
    device.power_off()
    assert device.ended() is None
    device.reset()
    assert ConsoleLines(device.console()).next(60) == b"/tmp/state bus"
    device.close()


def test_a_program_that_ends_is_noticed(tmp_path):
    device = made(Setup(command="{python} -c 'raise SystemExit(3)'"))
    device.power_on()
    lines = ConsoleLines(device.console())
    assert lines.next(60, lambda: device.ended() is not None) is None
    assert device.ended() == 3
    device.close()


def test_commands_switch_a_board(tmp_path):
    touched = tmp_path / "log"
    script = tmp_path / "switch.py"
    script.write_text(f"import sys; open({str(touched)!r}, 'a').write(sys.argv[1] + ' ')")
    command = f"{sys.executable} {script}"
    setup = Setup(power_on=f"{command} on", power_off=f"{command} off", reset=f"{command} reset")
    board = made(setup)
    board.power_on()
    board.reset()
    board.close()
    assert touched.read_text() == "on reset off "
    with pytest.raises(InputError, match="set dut_console"):
        board.console()


def test_a_board_without_commands_has_power_all_the_time():
    board = made(Setup())
    board.power_on()
    board.reset()
    board.close()


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


def test_a_program_that_is_not_there_and_a_command_that_fails_are_one_sentence():
    with pytest.raises(InputError, match=r"dut_command: /none/dut cannot be started: No such file"):
        made(Setup(command="/none/dut {console}")).power_on()
    with pytest.raises(InputError, match="dut_power_on: false: it ended with 1"):
        made(Setup(power_on="false")).power_on()
    with pytest.raises(InputError, match="dut_power_on: /none/x"):
        made(Setup(power_on="/none/x")).power_on()
    assert os.path.exists("/dev/null")
