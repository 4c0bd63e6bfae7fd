"""TOML files from outside, read within bounds."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from badge.errors import InputError
from badge.host.documents import read_file, text_of

TOML_BYTES_MAX = 1 << 20


def read_toml(path: Path, bytes_max: int = TOML_BYTES_MAX) -> dict[str, Any]:
    """Read a TOML document; InputError names the file and the line of the first mistake."""
    try:
        return tomllib.loads(text_of(read_file(path, bytes_max), str(path)))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not TOML: {str(error)[:120]}") from None
