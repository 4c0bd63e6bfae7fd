"""This computer: a badge's flash, recordings and configuration in files, processes, observers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from badge.exports import exports

if TYPE_CHECKING:
    from badge.host.config_file import read_config_file
    from badge.host.flash_file import FlashFile, open_journal
    from badge.host.observers import Counts, Recorder
    from badge.host.recording_file import RecordingFile, RecordingWriter

__all__ = [
    "Counts",
    "FlashFile",
    "Recorder",
    "RecordingFile",
    "RecordingWriter",
    "open_journal",
    "read_config_file",
]

__getattr__, __dir__ = exports(
    __name__,
    {
        "FlashFile": "badge.host.flash_file",
        "open_journal": "badge.host.flash_file",
        "RecordingFile": "badge.host.recording_file",
        "RecordingWriter": "badge.host.recording_file",
        "Recorder": "badge.host.observers",
        "Counts": "badge.host.observers",
        "read_config_file": "badge.host.config_file",
    },
)
