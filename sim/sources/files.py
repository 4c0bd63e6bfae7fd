"""Reading a foreign file whole, with a limit."""

from __future__ import annotations

from pathlib import Path

from badge.errors import InputError

MAX_FILE_BYTES = 64 * 1024 * 1024
"""Larger files are refused; a day of NMEA at 1 Hz is 20 to 60 MiB."""


def read_whole(path: str | Path, max_bytes: int = MAX_FILE_BYTES) -> bytes:
    """All bytes of a file; InputError if it cannot be read, is empty or exceeds `max_bytes`."""
    try:
        with open(path, "rb") as file:
            content = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"{path}: cannot be read ({reason}); check the name and the permissions"
        ) from None
    if len(content) > max_bytes:
        limit_mib = max_bytes / (1024 * 1024)
        raise InputError(f"{path}: larger than {limit_mib:g} MiB; cut out the part you need")
    if not content.strip():
        raise InputError(f"{path}: the file is empty; give one with recorded input in it")
    return content
