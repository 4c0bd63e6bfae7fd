"""A device that is an ELF under `qemu-system-arm`: its UARTs are the bench's, its flash a file."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from badge.errors import InputError, MisuseError
from hil.dut.drivers.emulated import (
    EMULATOR,
    FLASH_AT,
    FLASH_BYTES,
    FLASH_FILE,
    read_emulated,
)
from hil.dut.drivers.gdb import GdbLostError, GdbStub
from hil.dut.drivers.ports import Setup, filled_words
from hil.dut.drivers.program import ProgramDriver

_ERASED = b"\xff"
_WAKE_S = 0.05
_ANSWERED = 2  # prompts of its monitor: the first stands there before the machine does
_STARTS_S = 60.0  # for QEMU to build its machine, on whatever computer


class QemuDriver(ProgramDriver):
    """An ELF under QEMU: power off is SIGKILL, what its flash holds stays in `{state}`."""

    def __init__(
        self,
        setup: Setup,
        places: Mapping[str, str],
        arguments: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(setup, places, arguments, environment)
        words = filled_words("dut_command", setup.command, {**places, "console": ""})
        self._emulated = read_emulated([*words, *arguments])
        self._stub: GdbStub | None = None
        self._cutter: threading.Thread | None = None
        self._cut = False
        self._off = threading.Event()

    def power_on(self) -> None:
        """See `DeviceDriver`."""
        if self._process is not None:
            return
        self._make_flash()
        (debugger, monitor), theirs = zip(socket.socketpair(), socket.socketpair(), strict=True)
        numbers = [one.fileno() for one in theirs]
        console, places = self._opened().path, self._places
        words = self._emulated.words(console, places["notecard"], places["state"], *numbers)
        try:
            self._process = self._started(words, numbers)
        except InputError:
            debugger.close()
            monitor.close()
            raise
        finally:
            for one in theirs:
                one.close()
        try:
            self._wait_for_machine(monitor)
        except InputError:
            debugger.close()
            monitor.close()
            self.power_off()
            raise
        self._stub, self._cut = GdbStub(debugger), False
        self._off = threading.Event()
        threading.Thread(target=_keep_awake, args=(monitor, self._off), daemon=True).start()

    def _wait_for_machine(self, monitor: socket.socket) -> None:
        """Wait for the monitor to answer: what QEMU cannot build, it ends at before that."""
        monitor.settimeout(_STARTS_S)
        said, more = b"", b"\n"
        with suppress(OSError):
            monitor.send(more)
            while more and said.count(b"(qemu)") < _ANSWERED:
                more = monitor.recv(4096)
                said += more
        if said.count(b"(qemu)") < _ANSWERED:
            asked = self._emulated
            raise InputError(
                f"dut_command: {EMULATOR} did not start with {asked.elf} on {asked.machine}; what "
                f"it says is on stderr ({EMULATOR} -machine help lists the machines)"
            )

    def _make_flash(self) -> None:
        """A new chip is erased; what there is stays."""
        file = Path(self._places["state"], FLASH_FILE)
        if self._emulated.flash_at is not None and not file.exists():
            with file.open("wb") as flash:
                flash.write(_ERASED * FLASH_BYTES)

    def power_off(self) -> None:
        """See `DeviceDriver`."""
        super().power_off()
        self._off.set()
        stub, self._stub = self._stub, None
        if stub is not None:
            stub.close()
        cutter, self._cutter = self._cutter, None
        if cutter is not None:
            cutter.join()

    def reset(self) -> None:
        """See `DeviceDriver`.  The machine's own reset: flash and the emulator go on."""
        if self._setup.reset or self._process is None:
            super().reset()
            return
        stub = self._attached()
        try:
            stub.stop()
            stub.monitor("system_reset")
            stub.go()
        except GdbLostError as error:
            raise InputError(f"dut_command: {EMULATOR} does not answer: {error}") from None

    def cut_power_at_write(self, count: int) -> None:
        """See `DeviceDriver`."""
        at, process = self._emulated.flash_at, self._process
        if at is None:
            known = ", ".join(FLASH_AT)
            raise MisuseError(
                f"where {self._emulated.machine} has flash is not known, of {known} it is"
            )
        if count < 1 or process is None:
            raise MisuseError("power on first, and cut at the first write or a later one")
        stub = self._attached()
        try:
            stub.stop()
            stub.watch_writes(at, FLASH_BYTES)
            stub.go()
        except GdbLostError as error:
            raise InputError(f"dut_command: {EMULATOR} does not answer: {error}") from None
        self._cutter = threading.Thread(
            target=self._wait_and_cut,
            args=(stub, process, at, count),
            name="power-cut",
            daemon=True,
        )
        self._cutter.start()

    def _attached(self) -> GdbStub:
        if self._cutter is not None or self._stub is None:
            raise MisuseError("a power cut waits for its write: power_off() first")
        return self._stub

    def _wait_and_cut(
        self, stub: GdbStub, process: subprocess.Popen[bytes], at: int, count: int
    ) -> None:
        try:
            while True:
                if b"watch:" in stub.wait_for_stop():
                    # It has halted before the write, and would halt there again.
                    stub.forget_writes(at, FLASH_BYTES)
                    stub.step()
                    count -= 1
                    if not count:
                        break
                    stub.watch_writes(at, FLASH_BYTES)
                stub.go()
        except GdbLostError:
            return  # it was switched off before that
        self._cut = True
        process.kill()

    def was_cut(self) -> bool:
        """See `DeviceDriver`."""
        return self._cut


def _keep_awake(monitor: socket.socket, off: threading.Event) -> None:
    """Let QEMU look at its ports again and again.

    It sleeps until something is ready that it waits for; a UART that the firmware has switched on
    meanwhile does not wake it, and what has been sent to that one would wait for ever.
    """
    monitor.setblocking(False)
    with monitor, suppress(OSError):
        while not off.wait(_WAKE_S):
            monitor.send(b"\x02")  # a byte that its monitor, in the same loop, reads and lets be
