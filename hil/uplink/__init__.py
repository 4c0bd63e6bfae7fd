"""Batches through a Notecard: to a proxy route that answers, or as notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from badge.exports import exports

if TYPE_CHECKING:
    from hil.uplink.note import NoteUplink
    from hil.uplink.open import uplink_over
    from hil.uplink.web import WebUplink

__all__ = ["NoteUplink", "WebUplink", "uplink_over"]
__getattr__, __dir__ = exports(
    __name__,
    {
        "NoteUplink": "hil.uplink.note",
        "WebUplink": "hil.uplink.web",
        "uplink_over": "hil.uplink.open",
    },
)
