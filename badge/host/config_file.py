"""A device_config.json on this computer."""

from __future__ import annotations

import json
from pathlib import Path

from badge.config import BadgeConfig, read_config
from badge.errors import InputError


def read_config_file(path: Path) -> BadgeConfig:
    """Read and validate it whole; InputError with the file, the key and what is wrong."""
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON: {error}") from None
    return read_config(document, place=str(path))
