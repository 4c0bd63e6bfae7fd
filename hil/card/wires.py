"""The wires to a Notecard as note-python wants them: a serial port, an I2C bus, a socket for it."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from errno import EACCES, EAGAIN, EBUSY
from importlib import import_module
from typing import Protocol

from hil.card.deadline import Deadline
from hil.card.errors import CardGoneError, GaveUp
from hil.serial_port import open_serial

SERIAL_BAUD = 9600  # of the card's main UART; its USB port takes any
I2C_ADDRESS = 0x17  # as it leaves the factory
_WRITE_TIMEOUT_S = 5.0  # a port whose far end is gone takes bytes until its buffer is full
_SOCKET_TIMEOUT_S = 5.0
_IDLE_S = 0.001  # a character at 9600 baud
_LOCK_TIMEOUT_S = 5  # another program's transaction ends before that, or the port is its own
_I2C_HEADER = struct.Struct("<BBH")  # address, direction, length: docs/notecard.md


class NotePythonClient(Protocol):
    """What this room uses of note-python's own `Notecard`, which has no types."""

    lock: Callable[[], object]
    unlock: Callable[[], object]
    _crc_error: Callable[[bytes], bool]
    _last_request_seq_number: int
    _reset_required: bool
    _transact: Callable[..., bytes | None]

    def Transaction(  # noqa: N802  # note-python's name
        self, request: Mapping[str, object]
    ) -> dict[str, object]:
        """Send a request, wait, return its reply."""

    def transmit(self, data: bytes, delay: bool = True) -> None:
        """Send bytes."""

    def receive(self, timeout_secs: float | None = None, delay: bool = True) -> bytes:
        """Return the next line."""


class PeripheryMessage(Protocol):
    """One message of an I2C transfer, as python-periphery has it."""

    data: bytearray
    read: bool


class PeripheryBus(Protocol):
    """An I2C bus as python-periphery has it."""

    def transfer(self, address: int, messages: Sequence[PeripheryMessage]) -> None:
        """Perform the messages in order."""

    def close(self) -> None:
        """Let go."""


class Wire(Protocol):
    """An open wire: `attach` makes note-python's object on it; `close` from any thread."""

    def attach(self, lock_path: str) -> NotePythonClient:
        """Return a note-python Notecard, reset and in step with the card."""

    def close(self) -> None:
        """Let go."""


class SerialWire:
    """A serial port through pyserial, for this program alone."""

    def __init__(self, path: str, baud: int, deadline: Deadline) -> None:
        serial = import_module("serial")
        self.path, self._deadline = path, deadline
        self._errors = (OSError, serial.SerialException, TypeError, ValueError)
        try:
            self._port = open_serial(path, baud, timeout=1.0, write_timeout=_WRITE_TIMEOUT_S)
        except (OSError, ValueError, serial.SerialException) as error:
            raise CardGoneError(_why_not(path, error), sent=False) from None

    def attach(self, lock_path: str) -> NotePythonClient:
        """See `Wire`."""
        client: NotePythonClient = import_module("notecard").OpenSerial(self, lock_path=lock_path)
        return client

    @property
    def in_waiting(self) -> int:
        """Bytes that can be read now.

        note-python asks without a pause inside a line; a moment's sleep leaves the processor, and
        this program's other threads, to whoever writes the rest.
        """
        self._deadline.check()
        try:
            count = int(self._port.in_waiting)
        except self._errors as error:
            raise GaveUp(f"the cable is out ({error})") from None
        if not count:
            time.sleep(_IDLE_S)
        return count

    def read(self, size: int) -> bytes:
        """Read so many bytes, at most a second long."""
        self._deadline.check()
        try:
            data = bytes(self._port.read(size))
        except self._errors as error:
            raise GaveUp(f"the cable is out ({error})") from None
        if not data:
            raise TimeoutError("bytes were announced and did not come")
        return data

    def write(self, data: bytes) -> None:
        """Send all of it."""
        self._deadline.check()
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

    def __init__(self, bus: PeripheryBus, address: int, deadline: Deadline) -> None:
        self._bus, self._address, self._deadline = bus, address, deadline

    def attach(self, lock_path: str) -> NotePythonClient:
        """See `Wire`.  note-python does not lock I2C on CPython, so it is done here."""
        lock = import_module("filelock").FileLock(lock_path)
        with lock.acquire(timeout=_LOCK_TIMEOUT_S):
            client: NotePythonClient = import_module("notecard").OpenI2C(self, self._address, 0)
        client.lock = lambda: lock.acquire(timeout=_LOCK_TIMEOUT_S)
        client.unlock = lock.release
        return client

    def transfer(self, address: int, messages: Sequence[PeripheryMessage]) -> None:
        """Perform the messages; an exception if the card does not answer, which is tried again."""
        self._deadline.check()
        self._bus.transfer(address, messages)

    def close(self) -> None:
        """See `Wire`."""
        with suppress(OSError):
            self._bus.close()


def open_i2c(path: str, address: int, deadline: Deadline) -> I2cWire:
    """Open `/dev/i2c-N` through python-periphery."""
    periphery = import_module("periphery")
    try:
        return I2cWire(periphery.I2C(path), address, deadline)
    except (OSError, periphery.I2CError) as error:
        raise CardGoneError(_why_not(path, error), sent=False) from None


def open_i2c_socket(path: str, address: int, deadline: Deadline) -> I2cWire:
    """Open the socket of a virtual card (`badge notecard --i2c-socket PATH`)."""
    try:
        return I2cWire(SocketBus(path), address, deadline)
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

    def transfer(self, address: int, messages: Sequence[PeripheryMessage]) -> None:
        """Perform the messages in order; OSError if one is not acknowledged."""
        for message in messages:
            header = _I2C_HEADER.pack(address, bool(message.read), len(message.data))
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
    """Say why a port cannot be opened, and what to do.

    pyserial tells a lock that another holds as EAGAIN, or only in words.
    """
    number = getattr(error, "errno", None)
    if "://" in path:
        return f"{path}: nobody listens there ({error}); is its other end running?"
    if not os.path.exists(path):
        return f"{path} is not there; plug it in, or see which ports there are with: badge probe"
    if number == EACCES:
        return f"{path}: this user may not open it; see docs/hardware.md, permissions"
    if number in (EAGAIN, EBUSY) or "lock" in str(error).lower():
        return f"{path} is in use by another program; end that one first"
    return f"{path} cannot be opened ({error})"
