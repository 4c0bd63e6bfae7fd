"""A unix socket to listen at: never in the place of a living one, and taken away only if ours."""

from __future__ import annotations

import os
import socket
import stat
from contextlib import suppress
from pathlib import Path

from badge.errors import InputError


class ListeningSocket:
    """A bound socket of this user alone; `remove` takes its file away unless another took over.

    InputError if somebody answers at that path, if no socket lies there, or none can be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.socket = _bound(path)
        self._made = _identity(path)

    def remove(self) -> None:
        """Remove the file, if it is still the one that was made here."""
        if self._made is not None and _identity(self.path) == self._made:
            with suppress(FileNotFoundError):
                self.path.unlink()


def _bound(path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    made.setblocking(False)
    mask = os.umask(0o177)  # before bind: a chmod after it would leave a moment for others
    try:
        try:
            made.bind(str(path))
        except OSError:
            # Taken, or impossible: who looks first and binds then can take a living one's place.
            _clear_stale(path)
            made.bind(str(path))
    except OSError as error:
        made.close()
        raise InputError(
            f"{path}: no socket can be made there ({error.strerror or error}); "
            "choose a short path in a folder of yours"
        ) from error
    except InputError:
        made.close()
        raise
    finally:
        os.umask(mask)
    return made


def _clear_stale(path: Path) -> None:
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise InputError(f"{path}: is there and no socket; choose another path")
        if _answers(path):
            raise InputError(f"{path}: another bus listens there; end it, or choose another path")
        path.unlink()


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.setblocking(False)
        try:
            caller.connect(str(path))
        except BlockingIOError:
            return True  # its queue is full: it lives, and is busy
        except PermissionError:
            return True  # another user's: not ours to judge, and not ours to remove
        except OSError:
            return False
        return True


def _identity(path: Path) -> tuple[int, int] | None:
    with suppress(OSError):
        told = path.lstat()
        return told.st_dev, told.st_ino
    return None
