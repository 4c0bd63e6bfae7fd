"""The identity of this machine, as D-Bus tells it (machine-id(5))."""

from __future__ import annotations

import hashlib
import socket
from contextlib import suppress
from pathlib import Path

_PLACES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_DIGITS = 32


def machine_id() -> str:
    """Return 32 hexadecimal digits: those of the system, or else made of the host's name."""
    for place in _PLACES:
        with suppress(OSError, UnicodeDecodeError):
            told = place.read_text().strip()
            if len(told) == _DIGITS:
                return told
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:_DIGITS]
