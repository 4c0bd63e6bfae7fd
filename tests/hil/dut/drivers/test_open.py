"""A setup is a program, an ELF under QEMU, or a board."""

from __future__ import annotations

import pytest

from badge.errors import InputError
from hil.dut.drivers.board import BoardDriver
from hil.dut.drivers.open import driver_of
from hil.dut.drivers.ports import Setup
from hil.dut.drivers.program import ProgramDriver
from hil.dut.drivers.qemu import QemuDriver
from tests.hil.dut.drivers.elf import ARM_HEAD


def made(command="", **how):
    return driver_of(Setup(command=command), notecard="/dev/pts/9", state="/tmp/state", **how)


def test_the_command_says_what_the_device_is(tmp_path):
    elf = tmp_path / "fw.elf"
    elf.write_bytes(ARM_HEAD)
    assert type(made("dut {console}")) is ProgramDriver
    assert type(made(f"qemu:{elf}")) is QemuDriver
    assert type(made(f"  qemu:{elf} machine=mps2-an386")) is QemuDriver
    assert type(made()) is BoardDriver


def test_an_elf_that_is_not_there_is_refused_at_once():
    with pytest.raises(InputError, match=r"qemu:build/none.elf: there is no such file; build"):
        made("qemu:build/none.elf")
