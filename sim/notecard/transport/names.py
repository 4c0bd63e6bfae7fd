"""Names in the file system that a card or a Notehub takes: never one that somebody lives at."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path

from badge.errors import InputError
from badge.host.systems import lock


def free_socket_name(path: Path) -> None:
    """Clear the name of a socket that nobody answers at; InputError if somebody does."""
    if not path.is_socket():
        if path.exists():
            raise InputError(f"{path}: exists and is no socket; choose another name")
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink(missing_ok=True)
            return
    raise InputError(f"{path}: somebody answers there already; choose another name")


class LinkName:
    """The name of a pseudo terminal, held by a lock beside it: terminals' numbers come again.

    A lock dies with its process, so what a killed card leaves is taken over.
    """

    def __init__(self, link: Path) -> None:
        self.link = link
        if link.exists() and not link.is_symlink():
            raise InputError(f"{link}: exists and is no link; choose another name for --link")
        self._lock_path = link.with_name(f".{link.name}.lock")
        try:
            self._lock = os.open(
                self._lock_path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600
            )
        except OSError as error:
            raise InputError(f"{link}: no link can be made there ({error.strerror})") from None
        try:
            lock(self._lock)
        except OSError:
            os.close(self._lock)
            raise InputError(f"{link}: a card is there already; choose another name") from None
        self._device = ""

    def point(self, device: str) -> None:
        """Let the name lead to a terminal, in one step."""
        self._device = device
        fresh = self.link.with_name(f".{self.link.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(device)
        os.replace(fresh, self.link)

    def hide(self) -> None:
        """Remove the name if it is still one's own."""
        with suppress(OSError):
            if os.readlink(self.link) == self._device:
                self.link.unlink()

    def close(self) -> None:
        """Let the name go."""
        self.hide()
        self._lock_path.unlink(missing_ok=True)
        os.close(self._lock)
