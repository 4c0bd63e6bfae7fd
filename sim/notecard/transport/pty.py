"""A pseudo terminal as the card's serial port, with a stable name."""

from __future__ import annotations

import os
import select
import time
import tty
from pathlib import Path

from badge.errors import InputError

READ_BYTES = 65536
WRITE_TIMEOUT_S = 2.0


class PtyPort:
    """A raw pty whose host side is `path` (or `link`, if given).

    The host side is held open here too, so that hosts may close and open it as they like.
    """

    def __init__(self, link: Path | None = None) -> None:
        self._link = link
        self._open()

    @property
    def path(self) -> str:
        """What a host opens."""
        return str(self._link) if self._link is not None else self._device

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
        self.close()
        time.sleep(seconds)
        self._open()

    def close(self) -> None:
        """See `SerialLine`."""
        if self._link is not None and self._link.is_symlink():
            self._link.unlink()
        os.close(self._card_fd)
        os.close(self._host_fd)

    def _open(self) -> None:
        self._card_fd, self._host_fd = os.openpty()
        tty.setraw(self._host_fd)
        os.set_blocking(self._card_fd, False)
        self._device = os.ttyname(self._host_fd)
        if self._link is not None:
            _point(self._link, self._device)


def _point(link: Path, device: str) -> None:
    if link.exists() and not link.is_symlink():
        raise InputError(f"{link}: exists and is no link; choose another name for --link")
    fresh = link.with_name(link.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(device)
    os.replace(fresh, link)
