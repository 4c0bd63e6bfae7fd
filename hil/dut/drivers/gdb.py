"""The little of GDB's remote protocol that a power cut and a reset under QEMU need."""

from __future__ import annotations

import socket
from contextlib import suppress

_ANSWER_TIMEOUT_S = (
    60.0  # QEMU answers in a millisecond; a busy computer must not look like a fault
)
_BREAK = b"\x03"


class GdbLostError(Exception):
    """The emulator has ended, or says something else than asked."""


class GdbStub:
    """The debugger's side of a connection; the machine runs until `stop`, and from `go` on.

    `close` from another thread ends a wait.
    """

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._line.settimeout(_ANSWER_TIMEOUT_S)
        self._pending = b""

    def stop(self) -> None:
        """Halt the machine between two instructions."""
        self._send(_BREAK)
        self._packet()

    def go(self) -> None:
        """Let the machine run on."""
        self._packed(b"c")

    def step(self) -> None:
        """Let one instruction happen, and nothing between; the machine is halted."""
        self._packed(b"s")
        self._packet()

    def watch_writes(self, address: int, size: int) -> None:
        """Halt from now on before each instruction that writes there; the machine is halted."""
        self._ask(b"Z2,%x,%x" % (address, size))

    def forget_writes(self, address: int, size: int) -> None:
        """Halt there no longer."""
        self._ask(b"z2,%x,%x" % (address, size))

    def monitor(self, command: str) -> None:
        """Let QEMU's own monitor do something; the machine is halted."""
        self._packed(b"qRcmd," + command.encode().hex().encode())
        while self._packet() != b"OK":
            pass  # what the monitor prints

    def wait_for_stop(self) -> bytes:
        """Wait, however long, until the machine has halted by itself; return GDB's words."""
        with suppress(OSError):  # closed meanwhile: the packet will say so
            self._line.settimeout(None)
        try:
            return self._packet()
        finally:
            with suppress(OSError):
                self._line.settimeout(_ANSWER_TIMEOUT_S)

    def close(self) -> None:
        """Let go of it."""
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()

    def _ask(self, request: bytes) -> None:
        self._packed(request)
        if (answer := self._packet()) != b"OK":
            raise GdbLostError(f"{request.decode()}: {answer.decode(errors='replace')}")

    def _packed(self, content: bytes) -> None:
        self._send(b"$%b#%02x" % (content, sum(content) % 256))

    def _send(self, raw: bytes) -> None:
        try:
            self._line.sendall(raw)
        except OSError as error:
            raise GdbLostError(str(error)) from None

    def _packet(self) -> bytes:
        """Return the next packet's content, and say that it has arrived."""
        while True:
            before, hash_sign, after = self._pending.partition(b"#")
            if hash_sign and len(after) >= 2:
                self._pending = after[2:]
                self._send(b"+")
                return before.partition(b"$")[2]
            try:
                more = self._line.recv(4096)
            except OSError as error:
                raise GdbLostError(str(error)) from None
            if not more:
                raise GdbLostError("the emulator has ended")
            self._pending += more
