"""What systems differ in: locks, and whether there are Unix sockets."""

from __future__ import annotations

import errno
import os
import socket
from typing import IO

import portalocker

from badge.errors import InputError


def lock(file: int | IO[bytes]) -> None:
    """Take a file that is open for this process alone; BlockingIOError if another has it."""
    try:
        portalocker.lock(file, portalocker.LOCK_EX | portalocker.LOCK_NB)
    except portalocker.LockException:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from None


def have_unix_sockets() -> bool:
    """Tell whether this system has them."""
    return hasattr(socket, "AF_UNIX")


def need_unix_sockets(what: str, instead: str) -> None:
    """Raise InputError, with what to take instead, where there are none, as on Windows."""
    if not have_unix_sockets():
        raise InputError(f"{what} needs a Unix socket, which this system lacks; {instead}")
