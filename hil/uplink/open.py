"""An uplink by its kind, over a card that is there already."""

from __future__ import annotations

from badge.errors import InputError
from hil.card.thread import Card
from hil.ports import Uplink
from hil.uplink.note import NoteUplink
from hil.uplink.web import WebUplink

UPLINKS = ("web", "note")


def uplink_over(card: Card, kind: str, *, route: str = "ingest", name: str = "") -> Uplink:
    """Return an uplink through a card: `web` (a proxy route of Notehub) or `note`."""
    if kind == "web":
        return WebUplink(card, route, name)
    if kind == "note":
        return NoteUplink(card)
    raise InputError(f"uplink {kind!r}: unknown; write {' or '.join(UPLINKS)}")
