"""Where a store in a file lies: its address, or a plain path."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from badge.errors import InputError


def store_file(address: str, scheme: str) -> Path:
    """Return the file behind `SCHEME:///FILE` (a fourth slash for an absolute path), or a path.

    InputError if it is no such address, or there is no such file.
    """
    path, begin = Path(address), f"{scheme}://"
    if address.startswith(begin):
        host, slash, name = address.removeprefix(begin).partition("/")
        if host or not slash or not name:
            raise InputError(f"{address}: write {scheme}:///FILE, or {scheme}:////ABSOLUTE/FILE")
        path = Path(unquote(name))
    if not path.is_file():
        raise InputError(
            f"{path}: no such file; write {scheme}:///FILE, or {scheme}:////ABSOLUTE/FILE"
        )
    return path
