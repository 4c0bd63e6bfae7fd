"""Errors of the file system that say which file they are about."""

from __future__ import annotations

from pathlib import Path


def named(error: OSError, path: str | Path) -> OSError:
    """Return the error with that file's name, if it has none: writing and syncing tell none."""
    if error.filename is not None or error.errno is None:
        return error
    return OSError(error.errno, error.strerror, str(path))
