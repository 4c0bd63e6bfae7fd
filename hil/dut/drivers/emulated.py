"""What stands behind `qemu:fw.elf` in a setting, and the command line that it becomes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from badge.errors import InputError

PREFIX = "qemu:"
EMULATOR = "qemu-system-arm"
MACHINE = "mps2-an385"  # where nothing else is said
FLASH_FILE = "qemu.flash"
FLASH_BYTES = 16 << 20
# The memory of these boards that QEMU can lay into a file: PSRAM, of no segment of an ELF's.
FLASH_AT = {
    "mps2-an385": 0x2100_0000,
    "mps2-an386": 0x2100_0000,
    "mps2-an500": 0x6000_0000,
    "mps2-an511": 0x2100_0000,
}
_ARM = b"\x28\0"  # e_machine
_MACHINE = re.compile(r"[A-Za-z0-9._-]+")  # no comma: behind one stands something else
_UARTS = 5
_NUMBERS = {"console": _UARTS - 1, "notecard": _UARTS - 1, "shift": 10}


@dataclass(frozen=True, slots=True)
class Emulated:
    """What stands behind `qemu:`: an ELF, the board, and which of its UARTs leads where.

    `shift`: an instruction takes 2**shift ns of the board's time, however busy this computer is.
    """

    elf: str
    machine: str = MACHINE
    console: int = 0
    notecard: int = 1
    shift: int = 5
    more: tuple[str, ...] = ()  # for QEMU

    @property
    def flash_at(self) -> int | None:
        """Where its flash begins; None if no memory of this board can be kept."""
        return FLASH_AT.get(self.machine)

    def words(
        self, console: str, notecard: str, state: str, debugger: int, monitor: int
    ) -> list[str]:
        """Return QEMU's command line."""
        ends = {self.console: ("console", console), self.notecard: ("notecard", notecard)}
        words = [EMULATOR, "-machine", self.machine, "-display", "none", "-monitor", "none"]
        words += ["-nic", "none", "-icount", f"shift={self.shift}", "-kernel", self.elf]
        if self.flash_at is not None:
            words[2] += ",memory-backend=flash"
            file = _escaped(str(Path(state, FLASH_FILE)))
            kept = f"id=flash,size={FLASH_BYTES},mem-path={file},share=on"
            words += ["-object", f"memory-backend-file,{kept}"]
        for number in range(max(ends) + 1):
            name, path = ends.get(number, ("", ""))
            if name:
                words += ["-chardev", f"serial,id={name},path={_escaped(path)}"]
            words += ["-serial", f"chardev:{name}" if name else "null"]
        words += ["-chardev", f"socket,id=debugger,fd={debugger}", "-gdb", "chardev:debugger"]
        words += ["-chardev", f"socket,id=monitor,fd={monitor}", "-mon", "monitor,mode=readline"]
        return [*words, *self.more]


def is_qemu(command: str) -> bool:
    """Tell whether a dut_command is an ELF for QEMU."""
    return command.lstrip().startswith(PREFIX)


def read_emulated(words: Sequence[str]) -> Emulated:
    """Read `qemu:ELF [machine=…] [console=N] [notecard=N] [shift=N] [-option …]`; InputError."""
    elf = words[0].removeprefix(PREFIX)
    if not elf:
        raise InputError(f"dut_command: {PREFIX} name the ELF behind it, like qemu:build/fw.elf")
    if not Path(elf).is_file():
        raise InputError(f"dut_command: qemu:{elf}: there is no such file; build the ELF first")
    _check_arm(elf)
    named: dict[str, str] = {}
    rest = list(words[1:])
    while rest and not rest[0].startswith("-"):
        name, equals, value = rest.pop(0).partition("=")
        if not equals or name not in ("machine", *_NUMBERS):
            raise InputError(
                f"dut_command: {name}: there are machine=, {', '.join(f'{n}=' for n in _NUMBERS)}; "
                "then QEMU's own options, which begin with -"
            )
        named[name] = value
    machine = named.get("machine", MACHINE)
    if not _MACHINE.fullmatch(machine):
        raise InputError(
            f"dut_command: machine={machine}: name one, as {EMULATOR} -machine help lists them; "
            "what else QEMU is to be told stands behind, as options of its own"
        )
    numbers = {name: _number(name, named[name]) for name in _NUMBERS if name in named}
    made = Emulated(elf, machine, more=tuple(rest), **numbers)
    if made.console == made.notecard:
        raise InputError(f"dut_command: console and Notecard are both on UART {made.console}")
    return made


def _check_arm(elf: str) -> None:
    """Refuse what QEMU would end at without a word of a user's (System V ABI, ELF header)."""
    try:
        with open(elf, "rb") as file:
            head = file.read(20)
    except OSError as error:
        raise InputError(f"dut_command: qemu:{elf}: {error.strerror}") from None
    if head[:6] != b"\x7fELF\x01\x01" or head[18:20] != _ARM:
        raise InputError(
            f"dut_command: qemu:{elf}: no 32-bit ELF for Arm; name the linked firmware"
        )


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > _NUMBERS[name]:
        raise InputError(f"dut_command: {name}={text}: a whole number from 0 to {_NUMBERS[name]}")
    return int(text)


def _escaped(path: str) -> str:
    return path.replace(",", ",,")
