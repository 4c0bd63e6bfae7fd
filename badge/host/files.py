"""Writing to files; errors of the file system say which file they are about."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def named(error: OSError, path: str | Path) -> OSError:
    """Return the error with that file's name, if it has none: writing and syncing tell none."""
    if error.filename is not None or error.errno is None:
        return error
    return OSError(error.errno, error.strerror, str(path))


def append_lines(path: Path, lines: Iterable[bytes]) -> None:
    """Write whole lines to the end of a file; it is made if there is none."""
    try:
        with path.open("ab") as file:
            file.writelines(lines)
    except OSError as error:
        raise named(error, path) from None
