"""A card by the name of its port: one table of schemes."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from badge.errors import InputError
from badge.extras import require
from hil.card.client import Notecard
from hil.card.deadline import Deadline
from hil.card.wires import I2C_ADDRESS, SERIAL_BAUD, SerialWire, Wire, open_i2c, open_i2c_socket


@dataclass(frozen=True, slots=True)
class Scheme:
    """How to open a path; the number after the last colon is its baud rate or address."""

    example: str
    number: int
    open: Callable[[str, int, Deadline], Wire]
    needs: tuple[str, ...] = ()


SCHEMES: dict[str, Scheme] = {
    "serial": Scheme("serial:/dev/ttyACM0", SERIAL_BAUD, SerialWire, ("serial",)),
    "i2c": Scheme("i2c:/dev/i2c-1:0x17", I2C_ADDRESS, open_i2c, ("periphery", "filelock")),
    "i2c-socket": Scheme("i2c-socket:card.sock", I2C_ADDRESS, open_i2c_socket, ("filelock",)),
}


def open_notecard(spec: str) -> Notecard:
    """Return the card that `serial:PATH[:BAUD]` or `i2c:PATH[:ADDRESS]` names.

    Nothing is opened before it is first asked.  InputError for a name that is none.
    """
    scheme, path, number = _parse(spec)
    entry = SCHEMES[scheme]
    if scheme == "i2c" and find_spec("fcntl") is None:  # Windows
        raise InputError(f"notecard {spec}: this system has no I2C buses; take serial:PORT")
    require("notecard", *entry.needs, what=f"notecard {spec}")
    return Notecard(spec, lambda deadline: entry.open(path, number, deadline), _lock_path(path))


def _parse(spec: str) -> tuple[str, str, int]:
    scheme, colon, path = spec.partition(":")
    if scheme not in SCHEMES or not colon or not path:
        known = ", ".join(entry.example for entry in SCHEMES.values())
        raise InputError(f"notecard {spec!r}: unknown; write it like one of: {known}")
    bare, _, last = path.rpartition(":")
    # The port of an address is no speed: socket://HOST:PORT and rfc2217://HOST:PORT have none.
    number = _number(last) if bare and "://" not in path and not os.path.exists(path) else None
    if number is None:
        return scheme, path, SCHEMES[scheme].number
    return scheme, bare, number


def _number(text: str) -> int | None:
    try:
        return int(text, 0)
    except ValueError:
        return None


def _lock_path(path: str) -> str:
    """One lock file for each port, however it is named, in a folder of this user's."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    folder = Path(runtime) if os.path.isdir(runtime) else _own_folder()
    real = path if "://" in path else os.path.realpath(path)
    name = re.sub(r"[^\w.-]+", "-", real).strip("-")
    return str(folder / f"notecard-{name[-100:]}.lock")


def _own_folder() -> Path:
    user = os.getuid() if hasattr(os, "getuid") else 0  # Windows: the folder is the user's own
    folder = Path(tempfile.gettempdir()) / f"badge-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != user:
        raise InputError(f"{folder}: not this user's folder; set XDG_RUNTIME_DIR to one that is")
    return folder
