"""The wires to a Notecard as note-python wants them: a serial port, an I2C bus, a socket for it."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, Protocol

from hil.card.deadline import Leash
from hil.card.errors import CardGoneError, GaveUp

SERIAL_BAUD = 9600
I2C_ADDRESS = 0x17
_WRITE_TIMEOUT_S = 5.0
_SOCKET_TIMEOUT_S = 5.0
_I2C_HEADER = struct.Struct("<BBH")  # address, direction, length: docs/notecard.md


class Wire(Protocol):
    """An open wire: `attach` makes note-python's object on it; `close` from any thread."""

    def attach(self, lock_path: str) -> Any:
        """Return a note-python Notecard, reset and in step with the card."""

    def close(self) -> None:
        """Let go."""


class SerialWire:
    """A serial port through pyserial, for this program alone."""

    def __init__(self, path: str, baud: int, leash: Leash) -> None:
        serial = import_module("serial")
        self.path, self._leash = path, leash
        self._errors = (OSError, serial.SerialException, TypeError, ValueError)
        try:
            self._port = serial.Serial(
                path, baud, timeout=1.0, write_timeout=_WRITE_TIMEOUT_S, exclusive=True
            )
        except (OSError, ValueError, serial.SerialException) as error:
            raise CardGoneError(_why_not(path, error), sent=False) from None

    def attach(self, lock_path: str) -> Any:
        """See `Wire`."""
        return import_module("notecard").OpenSerial(self, lock_path=lock_path)

    @property
    def in_waiting(self) -> int:
        """Bytes that can be read now."""
        self._leash.check()
        try:
            return int(self._port.in_waiting)
        except self._errors as error:
            raise GaveUp(f"the cable is out ({error})") from None

    def read(self, size: int) -> bytes:
        """Read so many bytes, at most a second long."""
        self._leash.check()
        try:
            data = bytes(self._port.read(size))
        except self._errors as error:
            raise GaveUp(f"the cable is out ({error})") from None
        if not data:
            raise TimeoutError("bytes were announced and did not come")
        return data

    def write(self, data: bytes) -> None:
        """Send all of it."""
        self._leash.check()
        try:
            self._port.write(data)
        except self._errors as error:
            raise GaveUp(f"the cable is out ({error})") from None

    def close(self) -> None:
        """See `Wire`."""
        with suppress(*self._errors):
            self._port.close()

    def __str__(self) -> str:
        return "serial"  # note-python tells it to Notehub as the name of the port


class I2cWire:
    """An I2C bus with a `transfer` as python-periphery has it."""

    def __init__(self, bus: Any, address: int, leash: Leash) -> None:
        self._bus, self._address, self._leash = bus, address, leash

    def attach(self, lock_path: str) -> Any:
        """See `Wire`.  note-python does not lock I2C on CPython, so it is done here."""
        lock = import_module("filelock").FileLock(lock_path)
        with lock.acquire(timeout=5):
            card = import_module("notecard").OpenI2C(self, self._address, 0)
        card.lock = lambda: lock.acquire(timeout=5)
        card.unlock = lock.release
        return card

    def transfer(self, address: int, messages: Sequence[Any]) -> None:
        """Perform the messages; an exception if the card does not answer, which is tried again."""
        self._leash.check()
        self._bus.transfer(address, messages)

    def close(self) -> None:
        """See `Wire`."""
        with suppress(OSError):
            self._bus.close()


def open_i2c(path: str, address: int, leash: Leash) -> I2cWire:
    """Open `/dev/i2c-N` through python-periphery."""
    periphery = import_module("periphery")
    try:
        return I2cWire(periphery.I2C(path), address, leash)
    except (OSError, periphery.I2CError) as error:
        raise CardGoneError(_why_not(path, error), sent=False) from None


def open_i2c_socket(path: str, address: int, leash: Leash) -> I2cWire:
    """Open the socket of a virtual card (`badge notecard --i2c-socket PATH`)."""
    try:
        return I2cWire(SocketBus(path), address, leash)
    except OSError as error:
        raise CardGoneError(_why_not(path, error), sent=False) from None


class SocketBus:
    """I2C messages over a unix socket, one at a time; the protocol is in docs/notecard.md."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(_SOCKET_TIMEOUT_S)
            self._socket.connect(path)
        except OSError:
            self._socket.close()
            raise

    def transfer(self, address: int, messages: Sequence[Any]) -> None:
        """Perform the messages in order; OSError if one is not acknowledged."""
        for message in messages:
            header = _I2C_HEADER.pack(address, int(message.read), len(message.data))
            self._send(header + (b"" if message.read else bytes(message.data)))
            if self._take(1) != b"\0":
                raise OSError("not acknowledged")
            if message.read:
                message.data = bytearray(self._take(len(message.data)))

    def _send(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise GaveUp(f"the socket is gone ({error.strerror})") from None

    def _take(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            try:
                more = self._socket.recv(count - len(data))
            except OSError as error:
                raise GaveUp(f"the socket is gone ({error.strerror})") from None
            if not more:
                raise GaveUp("the socket is gone")
            data += more
        return data

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def _why_not(path: str, error: Exception) -> str:
    """Say why a port cannot be opened, and what to do."""
    number = getattr(error, "errno", None)
    if not os.path.exists(path):
        return f"{path} is not there; plug it in, or see which ports there are with: badge probe"
    if number == 13:
        return f"{path}: this user may not open it; see docs/hardware.md, permissions"
    if number in (11, 16) or "lock" in str(error).lower():
        return f"{path} is in use by another program; end that one first"
    return f"{path} cannot be opened ({error})"
