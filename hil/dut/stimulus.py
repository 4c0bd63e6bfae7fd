"""A recording as a stimulus: what the reference badge logs when this happens to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from badge.config import BadgeConfig
from badge.host.recording_file import RecordingFile
from badge.recording.format import Happened, Wrote
from badge.recording.playback import replay


@dataclass(frozen=True, slots=True)
class Stimulus:
    """What a device that this happens to is configured as, and has to log."""

    config: BadgeConfig
    events: list[Wrote]


def read_stimulus(path: Path) -> Stimulus:
    """Replay the inputs of a recording; its own `out` lines are not looked at."""
    with RecordingFile(path) as file:
        inputs = (line for line in file if isinstance(line, Happened))
        return Stimulus(file.header.config, list(replay(file.header, inputs, str(path))))
