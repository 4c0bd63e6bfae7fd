"""A serial port by its name, or by its address: `socket://HOST:PORT`, `rfc2217://HOST:PORT`."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def is_address(path: str) -> bool:
    """Tell whether it is one of pyserial's addresses, and no file's name."""
    return "://" in path


def open_serial(path: str, baud: int, **more: Any) -> Any:
    """Open it through pyserial, which has no types, for this program alone; errors are pyserial's.

    An address has no exclusive use of its own: whoever listens there takes one caller, or several.
    """
    if is_address(path):
        return import_module("serial").serial_for_url(path, baud, **more)
    return import_module("serial").Serial(path, baud, exclusive=True, **more)
