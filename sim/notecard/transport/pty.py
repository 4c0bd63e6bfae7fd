"""A pseudo terminal as the card's serial port, with a stable name."""

from __future__ import annotations

import os
import select
import time
from importlib import import_module
from pathlib import Path
from types import ModuleType

from badge.errors import InputError
from sim.notecard.transport.names import LinkName

READ_BYTES = 65536
WRITE_TIMEOUT_S = 2.0


def pseudo_terminals() -> ModuleType:
    """Return the module `tty`; InputError where there are no pseudo terminals, as on Windows."""
    try:
        return import_module("tty")
    except ImportError:
        raise InputError(
            "this system has no pseudo terminals: take --tcp HOST:PORT, or --serial DEV"
        ) from None


class PtyPort:
    """A raw pty whose host side is `path` (or `link`, if given).

    The host side is held open here too, so that hosts may close and open it as they like.
    """

    def __init__(self, link: Path | None = None) -> None:
        self._link = None if link is None else LinkName(link)
        self._open()

    @property
    def path(self) -> str:
        """What a host opens."""
        return str(self._link.link) if self._link is not None else self._device

    def fileno(self) -> int:
        """See `SerialLine`."""
        return self._card_fd

    def read(self) -> bytes:
        """See `SerialLine`."""
        try:
            return os.read(self._card_fd, READ_BYTES)
        except (BlockingIOError, OSError):
            return b""

    def write(self, data: bytes) -> None:
        """Send all of it; what a host does not take within 2 s is lost, as on a real wire."""
        give_up_s = time.monotonic() + WRITE_TIMEOUT_S
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._card_fd, view) :]
            except BlockingIOError:
                left_s = give_up_s - time.monotonic()
                if left_s <= 0:
                    return
                select.select((), (self._card_fd,), (), left_s)

    def unplug(self, seconds: float) -> None:
        """See `SerialLine`: an open host gets an end of file, and finds a new device afterwards."""
        self._hang_up()
        time.sleep(seconds)
        self._open()

    def close(self) -> None:
        """See `SerialLine`."""
        self._hang_up()
        if self._link is not None:
            self._link.close()

    def _hang_up(self) -> None:
        if self._link is not None:
            self._link.hide()
        os.close(self._card_fd)
        os.close(self._host_fd)

    def _open(self) -> None:
        tty = pseudo_terminals()
        self._card_fd, self._host_fd = os.openpty()
        tty.setraw(self._host_fd)
        os.set_blocking(self._card_fd, False)
        self._device = os.ttyname(self._host_fd)
        if self._link is not None:
            self._link.point(self._device)
