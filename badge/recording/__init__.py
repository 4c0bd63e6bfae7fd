"""What happened to a badge and what it logged, line by line; played again, it must log the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from badge.exports import exports

if TYPE_CHECKING:
    from badge.recording.alignment import align
    from badge.recording.format import Happened, Header, Wrote
    from badge.recording.playback import replay

__all__ = ["Happened", "Header", "Wrote", "align", "replay"]

__getattr__, __dir__ = exports(
    __name__,
    {
        "Header": "badge.recording.format",
        "Happened": "badge.recording.format",
        "Wrote": "badge.recording.format",
        "replay": "badge.recording.playback",
        "align": "badge.recording.alignment",
    },
)
