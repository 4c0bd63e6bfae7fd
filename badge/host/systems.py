"""What systems differ in: locks, names of open files, Unix sockets, waiting for many sockets."""

from __future__ import annotations

import errno
import os
import select
import selectors
import socket
from pathlib import Path
from typing import IO, Protocol

import portalocker

from badge.errors import InputError

READABLE, WRITABLE = 1, 4
"""What is waited for, in the bits of `select.epoll`."""


class Readiness(Protocol):
    """The part of `select.epoll` that is used here; unlike its own, `poll` may wait for less."""

    def register(self, fd: int, eventmask: int, /) -> object:
        """Wait for a descriptor."""

    def modify(self, fd: int, eventmask: int, /) -> object:
        """Wait for something else of it."""

    def unregister(self, fd: int, /) -> object:
        """Wait for it no longer; before it is closed."""

    def poll(self, timeout: float, maxevents: int, /) -> list[tuple[int, int]]:
        """Wait so many seconds; give the descriptors and what they are ready for."""

    def close(self) -> object:
        """Let go."""


class PortableReadiness:
    """`Readiness` by what the system has: kqueue on macOS, `select` on Windows."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def register(self, fd: int, eventmask: int, /) -> None:
        """See `Readiness`."""
        self._selector.register(fd, _events(eventmask))

    def modify(self, fd: int, eventmask: int, /) -> None:
        """See `Readiness`."""
        self._selector.modify(fd, _events(eventmask))

    def unregister(self, fd: int, /) -> None:
        """See `Readiness`."""
        self._selector.unregister(fd)

    def poll(self, timeout: float, maxevents: int, /) -> list[tuple[int, int]]:
        """See `Readiness`; InputError for more sockets than the system's `select` takes."""
        try:
            ready = self._selector.select(timeout)
        except ValueError:
            raise InputError("more connections than this system waits for; take fewer") from None
        return [
            (
                key.fd,
                READABLE * bool(mask & selectors.EVENT_READ)
                | WRITABLE * bool(mask & selectors.EVENT_WRITE),
            )
            for key, mask in ready[:maxevents]
        ]

    def close(self) -> None:
        """See `Readiness`."""
        self._selector.close()


def _events(mask: int) -> int:
    reads = selectors.EVENT_READ if mask & READABLE else 0
    return reads | (selectors.EVENT_WRITE if mask & WRITABLE else 0)


def readiness() -> Readiness:
    """Return the quickest that this system has: epoll, on Linux."""
    made: Readiness = getattr(select, "epoll", PortableReadiness)()
    return made


def lock(file: int | IO[bytes]) -> None:
    """Take a file that is open for this process alone; BlockingIOError if another has it."""
    try:
        portalocker.lock(file, portalocker.LOCK_EX | portalocker.LOCK_NB)
    except portalocker.LockException:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from None


def rename(path: Path, to: Path, held: IO[bytes] | None) -> Path:
    """Give a file or folder another name, in place of a file that has it; return it.

    `held` is open in it and locked, and stays so where the system can: Windows renames nothing
    that is open, so there it is closed first.
    """
    try:
        return path.replace(to)
    except PermissionError:
        if held is None:
            raise
        held.close()
        return path.replace(to)


def have_unix_sockets() -> bool:
    """Tell whether this system has them."""
    return hasattr(socket, "AF_UNIX")


def need_unix_sockets(what: str, instead: str) -> None:
    """Raise InputError, with what to take instead, where there are none, as on Windows."""
    if not have_unix_sockets():
        raise InputError(f"this system has no Unix sockets, so no {what}; {instead}")


def need_linux(what: str) -> None:
    """Raise InputError where no limit can be set on another process, as Linux alone can."""
    try:
        from resource import prlimit  # noqa: F401  # only whether it is there
    except ImportError:
        raise InputError(f"{what} needs Linux: there a full disk can be played") from None
