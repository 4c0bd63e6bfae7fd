"""A device that is a program."""

from __future__ import annotations

import pytest

from badge.errors import InputError, MisuseError
from hil.dut.drivers.console import ConsoleLines
from hil.dut.drivers.ports import Setup
from hil.dut.drivers.program import ProgramDriver
from tests.hil.dut.drivers.rig import places

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


def made(command, **how):
    return ProgramDriver(Setup(command=command), places(), **how)


def test_a_program_gets_its_places_its_arguments_and_its_environment(program):
    device = made(program, environment={"AIR": " bus"})
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
    device = made("{python} -c 'raise SystemExit(3)'")
    device.power_on()
    lines = ConsoleLines(device.console())
    assert lines.next(60, lambda: device.ended() is not None) is None
    assert device.ended() == 3
    device.close()


def test_a_program_that_is_not_there_is_one_sentence():
    with pytest.raises(InputError, match=r"dut_command: /none/dut cannot be started: No such file"):
        made("/none/dut {console}").power_on()


def test_a_program_is_not_cut_at_a_write():
    device = made("true")
    assert not device.was_cut()
    with pytest.raises(MisuseError, match="under QEMU"):
        device.cut_power_at_write(1)
