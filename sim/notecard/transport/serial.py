"""A real serial port: this computer plays the card for the firmware on the other end."""

from __future__ import annotations

import io
import socket
import time
from importlib import import_module
from threading import Event, Thread
from typing import Any

from badge.errors import InputError
from badge.extras import lacking

_READ_BYTES = 65536
_LOOK_S = 0.1  # how often a reading thread looks whether it is over


class SerialPort:
    """`device` through pyserial, 8N1: a path, a COM port or an address; needs the package pyserial.

    What has no descriptor to wait for, as Windows' COM ports and `rfc2217://`, is read by a thread
    that hands it on through a pair of sockets.
    """

    def __init__(self, device: str, baud: int = 9600) -> None:
        try:
            serial = import_module("serial")
        except ImportError:
            raise InputError(lacking("serial", device)) from None
        self._reader: _Reader | None = None
        try:
            self._serial = serial.serial_for_url(device, baud, timeout=0)
        except (OSError, ValueError) as error:
            raise InputError(f"{device}: cannot be opened ({error})") from None
        try:
            self._serial.fileno()
        except (AttributeError, io.UnsupportedOperation):
            self._reader = _Reader(self._serial)
        self.path = device

    def fileno(self) -> int:
        """See `SerialLine`."""
        return int((self._reader or self._serial).fileno())

    def read(self) -> bytes:
        """See `SerialLine`."""
        return bytes((self._reader or self._serial).read(_READ_BYTES))

    def write(self, data: bytes) -> None:
        """See `SerialLine`."""
        self._serial.write(data)

    def unplug(self, seconds: float) -> None:
        """See `SerialLine`: silent for so long; what arrives meanwhile is lost."""
        time.sleep(seconds)
        self._serial.reset_input_buffer()
        if self._reader is not None:
            self._reader.read(_READ_BYTES)

    def close(self) -> None:
        """See `SerialLine`."""
        if self._reader is not None:
            self._reader.close()
        self._serial.close()


class _Reader:
    """Reads a port in a thread of its own; what came is read from `fileno()`."""

    def __init__(self, port: Any) -> None:
        self._port, self._over = port, Event()
        self._error = OSError("the port has closed")
        port.timeout = _LOOK_S
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._thread = Thread(target=self._read, name="notecard-serial-reader", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            while not self._over.is_set():
                data = self._port.read(1)
                if data:
                    self._far.sendall(data + self._port.read(self._port.in_waiting))
        except OSError as error:  # the cable is out, or `close`
            self._error = error
        finally:
            self._far.close()

    def fileno(self) -> int:
        return self._near.fileno()

    def read(self, most: int) -> bytes:
        try:
            data = self._near.recv(most)
        except BlockingIOError:
            return b""
        if not data:
            raise self._error
        return data

    def close(self) -> None:
        self._over.set()
        self._near.close()
        self._thread.join(timeout=5)
