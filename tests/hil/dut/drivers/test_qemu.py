"""An ELF under QEMU: its power, its reset, its flash, and a cut in the middle of a write."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from badge.errors import InputError, MisuseError
from hil.dut.drivers.console import ConsoleLines, PtyConsole
from hil.dut.drivers.emulated import EMULATOR, FLASH_AT, FLASH_FILE
from hil.dut.drivers.ports import Setup
from hil.dut.drivers.qemu import QemuDriver
from tests.hil.dut.drivers.elf import ARM_HEAD
from tests.hil.dut.drivers.rig import places

TOOLS = ("arm-none-eabi-gcc", EMULATOR)
needs_tools = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason=f"needs {' and '.join(TOOLS)}"
)

# Says its name on UART 0; then, for each byte that comes, writes it to the next word of flash.
PROGRAM = """
    .syntax unified
    .cpu cortex-m3
    .thumb
    .word 0x20001000, start + 1
    .thumb_func
start:
    ldr r0, =0x40004000
    ldr r1, =FLASH_AT
    movs r2, #3
    str r2, [r0, #8]
    movs r2, #16
    str r2, [r0, #16]
    movs r2, #'U'
    str r2, [r0]
    movs r2, #'\\n'
    str r2, [r0]
wait:
    ldr r2, [r0, #4]
    tst r2, #2
    beq wait
    ldr r2, [r0]
    str r2, [r1], #4
    str r2, [r1], #4
    str r2, [r0]
    b wait
    .ltorg
"""


@pytest.fixture
def elf(tmp_path):
    path = tmp_path / "fw.elf"
    path.write_bytes(ARM_HEAD)
    return str(path)


def built(folder, flash_at=FLASH_AT["mps2-an385"]):
    """Build an ELF of some twenty instructions."""
    (folder / "fw.s").write_text(PROGRAM.replace("FLASH_AT", hex(flash_at)))
    words = ["arm-none-eabi-gcc", "-nostdlib", "-Wl,-Ttext=0", "fw.s", "-o", "fw.elf"]
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
    return str(folder / "fw.elf")


@pytest.fixture(scope="session")
def real_elf(tmp_path_factory):
    return built(tmp_path_factory.mktemp("elf"))


@pytest.fixture
def device(real_elf, tmp_path):
    card = PtyConsole()
    found = QemuDriver(Setup(command=f"qemu:{real_elf}"), {**places(tmp_path, card.path)}, ())
    yield found
    found.close()
    card.close()


@needs_tools
def test_an_elf_runs_and_is_reset_and_its_flash_stays(device, tmp_path):
    flash = tmp_path / FLASH_FILE
    device.power_on()
    lines = ConsoleLines(device.console())
    assert lines.next(60) == b"U"
    assert flash.read_bytes()[:8] == b"\xff" * 8, "a new chip is erased"
    device.console().send(b"a\n")
    assert lines.next(60) == b"a"
    device.reset()
    assert lines.next(60) == b"U"
    device.power_off()
    assert flash.read_bytes()[:16] == b"a\0\0\0" * 2 + b"\n\0\0\0" * 2
    device.power_on()
    assert ConsoleLines(device.console()).next(60) == b"U"
    assert device.ended() is None
    assert not device.was_cut()


@needs_tools
@pytest.mark.parametrize("count", [1, 3])
def test_the_power_goes_behind_the_write_that_was_named(device, tmp_path, count):
    device.power_on()
    lines = ConsoleLines(device.console())
    assert lines.next(60) == b"U"
    device.cut_power_at_write(count)
    with pytest.raises(MisuseError, match="a power cut waits"):
        device.reset()
    device.console().send(b"ab")
    assert lines.next(60, lambda: device.ended() is not None) is None
    assert device.was_cut()
    device.power_off()
    written = b"a\0\0\0a\0\0\0b\0\0\0b\0\0\0"[: 4 * count]
    assert Path(tmp_path, FLASH_FILE).read_bytes()[:16] == written.ljust(16, b"\xff")


@needs_tools
@pytest.mark.parametrize("machine", sorted(FLASH_AT))
def test_every_board_that_is_named_has_flash_where_it_is_said(machine, tmp_path):
    card = PtyConsole()
    command = f"qemu:{built(tmp_path, FLASH_AT[machine])} machine={machine}"
    device = QemuDriver(Setup(command=command), places(tmp_path, card.path))
    device.power_on()
    lines = ConsoleLines(device.console())
    assert lines.next(60) == b"U"
    device.console().send(b"a\n")
    assert lines.next(60) == b"a"
    device.close()
    card.close()
    assert (tmp_path / FLASH_FILE).read_bytes()[:8] == b"a\0\0\0" * 2


@needs_tools
def test_a_cut_that_never_came_does_not_outlive_the_power(device):
    device.power_on()
    device.cut_power_at_write(1000)
    device.power_off()
    assert not device.was_cut()
    device.power_on()
    assert device.ended() is None


def test_a_cut_wants_power_and_a_board_whose_flash_is_known(elf, tmp_path):
    off = QemuDriver(Setup(command=f"qemu:{elf}"), places(tmp_path))
    with pytest.raises(MisuseError, match="power on first"):
        off.cut_power_at_write(1)
    other = QemuDriver(Setup(command=f"qemu:{elf} machine=netduinoplus2"), places(tmp_path))
    with pytest.raises(MisuseError, match="where netduinoplus2 has flash is not known"):
        other.cut_power_at_write(1)


def test_an_emulator_that_is_not_installed_is_one_sentence(elf, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    device = QemuDriver(Setup(command=f"qemu:{elf}"), places(tmp_path))
    with pytest.raises(InputError, match=f"dut_command: {EMULATOR} cannot be started: No such"):
        device.power_on()
    device.close()


@pytest.mark.skipif(shutil.which(EMULATOR) is None, reason=f"needs {EMULATOR}")
@pytest.mark.parametrize("words", ["machine=nonsense", "-nonsense", "-m 77T", "-kernel nowhere"])
def test_power_is_not_on_where_the_machine_cannot_be_built(elf, tmp_path, words, capfd):
    device = QemuDriver(Setup(command=f"qemu:{elf} {words}"), places(tmp_path))
    for _ in range(2):
        with pytest.raises(InputError, match=r"did not start with .*fw\.elf on .*is on stderr"):
            device.power_on()
        assert device.ended() is None  # there is nothing that could have ended
        assert capfd.readouterr().err
    device.close()
