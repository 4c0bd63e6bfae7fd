"""A real serial port: this computer plays the card for the firmware on the other end."""

from __future__ import annotations

import io
import time
from importlib import import_module

from badge.errors import InputError
from badge.extras import lacking


class SerialPort:
    """`device` through pyserial, 8N1; needs the package pyserial."""

    def __init__(self, device: str, baud: int = 9600) -> None:
        try:
            serial = import_module("serial")
        except ImportError:
            raise InputError(lacking("serial", device)) from None
        try:
            self._serial = serial.serial_for_url(device, baud, timeout=0)
            self.fileno()
        except (AttributeError, io.UnsupportedOperation):
            raise InputError(f"{device}: cannot be waited for; take socket://HOST:PORT") from None
        except (OSError, ValueError) as error:
            raise InputError(f"{device}: cannot be opened ({error})") from None
        self.path = device

    def fileno(self) -> int:
        """See `SerialLine`."""
        return int(self._serial.fileno())

    def read(self) -> bytes:
        """See `SerialLine`."""
        return bytes(self._serial.read(65536))

    def write(self, data: bytes) -> None:
        """See `SerialLine`."""
        self._serial.write(data)

    def unplug(self, seconds: float) -> None:
        """See `SerialLine`: silent for so long; what arrives meanwhile is lost."""
        time.sleep(seconds)
        self._serial.reset_input_buffer()

    def close(self) -> None:
        """See `SerialLine`."""
        self._serial.close()
