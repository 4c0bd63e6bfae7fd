"""A device that is a board, which commands switch."""

from __future__ import annotations

import sys

import pytest

from badge.errors import InputError, MisuseError
from hil.dut.drivers.board import BoardDriver
from hil.dut.drivers.ports import Setup
from tests.hil.dut.drivers.rig import places


def test_commands_switch_a_board(tmp_path):
    touched = tmp_path / "log"
    script = tmp_path / "switch.py"
    script.write_text(f"import sys; open({str(touched)!r}, 'a').write(sys.argv[1] + ' ')")
    command = f"{sys.executable} {script}"
    setup = Setup(power_on=f"{command} on", power_off=f"{command} off", reset=f"{command} reset")
    board = BoardDriver(setup, places())
    board.power_on()
    board.reset()
    board.close()
    assert touched.read_text() == "on reset off "
    with pytest.raises(InputError, match="set dut_console"):
        board.console()


def test_a_board_without_commands_has_power_all_the_time():
    board = BoardDriver(Setup(), places())
    board.power_on()
    board.reset()
    assert board.ended() is None
    board.close()


def test_a_command_that_fails_is_one_sentence():
    with pytest.raises(InputError, match="dut_power_on: false: it ended with 1"):
        BoardDriver(Setup(power_on="false"), places()).power_on()
    with pytest.raises(InputError, match="dut_power_on: /none/x"):
        BoardDriver(Setup(power_on="/none/x"), places()).power_on()


def test_a_board_is_not_cut_at_a_write():
    board = BoardDriver(Setup(), places())
    assert not board.was_cut()
    with pytest.raises(MisuseError, match="under QEMU"):
        board.cut_power_at_write(1)
