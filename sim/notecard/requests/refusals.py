"""Documented parameters that this card refuses, each with the reason that the host is told.

Every other parameter of Blues' published schema acts: none is accepted and ignored.
"""

from __future__ import annotations

_GPS = "an external GPS is not modelled"
_CRYPT = "encryption is not supported"
_NO_TEMPLATE = "only templated files are cached, and a database has no template"

REFUSED: dict[str, dict[str, str]] = {
    "card.aux": {"gps": _GPS, "limit": _GPS},
    "card.aux.serial": {"limit": _GPS},
    "card.voltage": {"name": "what the variable overrides is not published"},
    "hub.set": {"details": "only for Notecard LoRa"},
    "note.add": {"key": _CRYPT},
    "note.get": {"decrypt": _CRYPT},
    "note.update": {"verify": _NO_TEMPLATE},
    "note.delete": {"verify": _NO_TEMPLATE},
}
