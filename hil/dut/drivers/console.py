"""A device's console: bytes over a serial port or a pty, and the lines in them."""

from __future__ import annotations

import os
import select
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Protocol

from badge.contract.documents import parse
from badge.errors import InputError
from hil.serial_port import is_address, open_serial
from sim.notecard.transport.pty import pseudo_terminals

CONSOLE_BAUD = 115_200
LINE_BYTES_MAX = 4096  # of a line that a device says; what is longer is noise, and cut
READ_S = 0.1  # how long one read waits: often enough to notice that a program has ended
SEND_TIMEOUT_S = 10.0  # a device that reads takes a line in less; one that does not never will
_USB_AGAIN_S = 0.2  # a device with its own USB is gone for a second or two while it restarts


class Console(Protocol):
    """A device's console."""

    def send(self, line: bytes) -> None:
        """Send a line with its LF; InputError if it cannot be sent."""

    def read(self) -> bytes:
        """Return what has arrived, after waiting a moment."""

    def close(self) -> None:
        """Let go."""


class SerialConsole:
    """A console on `serial:PATH[:BAUD]`, for this program alone; 8N1, 115200 by default."""

    def __init__(self, spec: str, option: str = "--port") -> None:
        scheme, _, path = spec.partition(":")
        bare, _, last = path.rpartition(":")
        has_speed = bool(bare) and last.isdecimal() and not is_address(path)
        baud = int(last) if has_speed else CONSOLE_BAUD
        if scheme != "serial" or not path:
            raise InputError(f"{option} {spec}: write it like serial:/dev/ttyUSB1 or …:115200")
        serial = import_module("serial")
        self.path = bare if has_speed else path
        self._errors = (OSError, serial.SerialException)
        try:
            self._port = open_serial(self.path, baud, timeout=READ_S, write_timeout=SEND_TIMEOUT_S)
        except (*self._errors, ValueError) as error:
            raise InputError(f"{option} {spec}: {error}; see docs/hardware.md") from None

    def send(self, line: bytes) -> None:
        """See `Console`."""
        try:
            self._port.write(line)
        except self._errors as error:
            raise InputError(f"{self.path}: the cable is out ({error})") from None

    def read(self) -> bytes:
        """See `Console`.  A device with its own USB goes and comes with its restart."""
        try:
            return bytes(self._port.read(max(1, self._port.in_waiting)))
        except self._errors:
            time.sleep(_USB_AGAIN_S)  # not to spin while it is gone
            with suppress(*self._errors):
                self._port.close()
                self._port.open()
            return b""

    def close(self) -> None:
        """See `Console`."""
        with suppress(*self._errors):
            self._port.close()


class PtyConsole:
    """A pty; a program that is the device opens its far end, `path`."""

    def __init__(self) -> None:
        # The far end stays open here too: else a read would fail until the program has opened it.
        tty = pseudo_terminals()
        self._near, self._far = os.openpty()
        tty.setraw(self._far)
        os.set_blocking(self._near, False)
        self.path = os.ttyname(self._far)

    def send(self, line: bytes) -> None:
        """See `Console`."""
        until_s = time.monotonic() + SEND_TIMEOUT_S
        while line:
            left_s = max(until_s - time.monotonic(), 0.0)
            _, ready, _ = select.select([], [self._near], [], left_s)
            if not ready:
                raise InputError(f"{self.path}: the device does not read its console")
            line = line[os.write(self._near, line) :]

    def read(self) -> bytes:
        """See `Console`."""
        ready, _, _ = select.select([self._near], [], [], READ_S)
        return os.read(self._near, 65_536) if ready else b""

    def close(self) -> None:
        """See `Console`."""
        for descriptor in (self._near, self._far):
            os.close(descriptor)


class ConsoleLines:
    """The lines of a console, without their ends."""

    def __init__(self, console: Console, now_s: Callable[[], float] = time.monotonic) -> None:
        self._console, self._now_s = console, now_s
        self._lines: deque[bytes] = deque()
        self._pending = b""

    def next(self, timeout_s: float, ended: Callable[[], bool] = lambda: False) -> bytes | None:
        """Return the next line; None when the time is over, or the device has `ended`."""
        until_s = self._now_s() + timeout_s
        last = False
        while not self._lines:
            if last or self._now_s() >= until_s:
                return None
            last = ended()  # what it said before it ended is still to be read, once
            *lines, rest = (self._pending + self._console.read()).split(b"\n")
            self._lines.extend(line.rstrip(b"\r") for line in lines)
            self._pending = rest[-LINE_BYTES_MAX:]
        return self._lines.popleft()


class JsonLines:
    """The JSON objects among a console's lines; whatever else a device prints is passed over."""

    def __init__(self, lines: ConsoleLines, now_s: Callable[[], float] = time.monotonic) -> None:
        self._lines, self._now_s = lines, now_s

    def next(self, timeout_s: float) -> dict[str, object]:
        """Return the next one; an empty one when the time is over."""
        until_s = self._now_s() + timeout_s
        while (line := self._lines.next(until_s - self._now_s())) is not None:
            with suppress(InputError):
                document = parse(line)
                if isinstance(document, dict) and document:
                    return document
        return {}
