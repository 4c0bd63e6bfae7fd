"""Every reader of foreign bytes, by room."""

from __future__ import annotations

from tests.fuzz.reader import Reader
from tests.fuzz.readers import (
    badge,
    card,
    fleet,
    hardware,
    notehub,
    servers,
    sources,
    stores,
    traffic,
    view,
)

READERS: dict[str, Reader] = {
    reader.name: reader
    for room in (badge, sources, fleet, stores, servers, card, notehub, hardware, view, traffic)
    for reader in room.READERS
}
