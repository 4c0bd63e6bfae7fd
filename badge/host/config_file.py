"""A badge's configuration from outside: a device_config.json, single keys over it, or neither."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from badge.config import BadgeConfig, read_config
from badge.contract.documents import parse
from badge.errors import InputError
from badge.host.documents import read_json

_CONFIG_BYTES_MAX = 1 << 20  # a thousand tags and two hundred workers are 30 kB
DEFAULT_DEVICE_ID = "ACT-00000001"


def read_config_file(path: Path) -> BadgeConfig:
    """Read and validate it whole; InputError with the file, the key and what is wrong."""
    return read_config(_read_json(path), place=str(path))


def read_settings(path: Path | None = None, changes: Iterable[tuple[str, Any]] = ()) -> BadgeConfig:
    """Return the configuration of a device_config.json, or of a default badge, with changes.

    A change to None says nothing.  Raises `InputError` with the file, or the key, and what is
    wrong.
    """
    document: dict[str, Any] = {"device_id": DEFAULT_DEVICE_ID}
    if path is not None:
        document |= _read_json(path)
        # By itself first: a wrong file must not be blamed on the options.
        read_config(document, place=str(path))
    document |= {key: value for key, value in changes if value is not None}
    return read_config(document, place="options")


def parse_assignment(text: str) -> tuple[str, Any]:
    """Read `key=value`; the value is JSON where it can be, else a string."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise InputError(f"--set {text}: write it as KEY=VALUE")
    try:
        return key, parse(value.encode())
    except (InputError, UnicodeEncodeError):
        return key, value


def _read_json(path: Path) -> dict[str, Any]:
    document = read_json(path, _CONFIG_BYTES_MAX)
    if not isinstance(document, dict):
        raise InputError(f"{path}: expected a JSON object of settings")
    return document
