"""`qemu:fw.elf` in a setting is a whole command line."""

from __future__ import annotations

import pytest

from badge.errors import InputError
from hil.dut.drivers.emulated import EMULATOR, FLASH_FILE, read_emulated
from tests.hil.dut.drivers.elf import ARM_HEAD


@pytest.fixture
def elf(tmp_path):
    path = tmp_path / "fw.elf"
    path.write_bytes(ARM_HEAD)
    return str(path)


def test_three_words_of_a_setting_are_a_whole_command_line(elf):
    words = read_emulated([f"qemu:{elf}"]).words("/dev/pts/1", "/tmp/a,b", "/tmp/s", 7, 8)
    line = " ".join(words)
    assert line.startswith(f"{EMULATOR} -machine mps2-an385,memory-backend=flash ")
    assert "serial,id=console,path=/dev/pts/1 -serial chardev:console" in line
    assert "serial,id=notecard,path=/tmp/a,,b -serial chardev:notecard" in line
    assert f"mem-path=/tmp/s/{FLASH_FILE},share=on" in line
    assert "-icount shift=5" in line


def test_the_uarts_lie_where_the_board_has_them(elf):
    given = [
        f"qemu:{elf}",
        "machine=netduinoplus2",
        "console=3",
        "notecard=1",
        "shift=0",
        "-d",
        "int",
    ]
    words = read_emulated(given).words("/dev/pts/1", "/dev/pts/2", "/tmp/s", 7, 8)
    serials = [words[n + 1] for n, word in enumerate(words) if word == "-serial"]
    assert serials == ["null", "chardev:notecard", "null", "chardev:console"]
    assert words[-2:] == ["-d", "int"]
    assert "memory-backend-file" not in " ".join(words)


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("speed=9", "speed: there are machine=, console=, notecard=, shift=; then QEMU's own"),
        ("console", "console: there are"),
        ("console=9", "console=9: a whole number from 0 to 4"),
        ("shift=-1", "shift=-1: a whole number from 0 to 10"),
        ("notecard=0", "both on UART 0"),
        ("machine=", "machine=: name one"),
        ("machine=mps2-an385,usb=on", "machine=mps2-an385,usb=on: name one"),
    ],
)
def test_a_wrong_option_is_refused_with_what_there_is(elf, option, words):
    with pytest.raises(InputError, match=f"dut_command: .*{words}"):
        read_emulated([f"qemu:{elf}", option])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ junk",
        ARM_HEAD[:18],
        ARM_HEAD[:18] + b"\x3e\0",
        ARM_HEAD.replace(b"\x01", b"\x02", 1),
    ],
)
def test_what_no_arm_can_run_is_named_before_an_emulator_starts(tmp_path, content):
    path = tmp_path / "fw.elf"
    path.write_bytes(content)
    with pytest.raises(InputError, match="no 32-bit ELF for Arm"):
        read_emulated([f"qemu:{path}"])


def test_a_name_that_is_missing_is_said():
    with pytest.raises(InputError, match="dut_command: qemu: name the ELF behind it"):
        read_emulated(["qemu:"])
