"""A recording as a stimulus: what the reference badge logs when this happens to it."""

from __future__ import annotations

from pathlib import Path

from badge.host.recording_file import RecordingFile
from badge.recording.format import Wrote
from badge.recording.playback import replay


def expected_events(path: Path) -> list[Wrote]:
    """Return the reference's events; the recording's own `out` lines are not looked at."""
    with RecordingFile(path) as file:
        return list(replay(file.header, file, str(path)))
