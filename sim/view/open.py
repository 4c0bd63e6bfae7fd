"""From what a user names to a picture: a run, a demo, recordings, events, a report, a store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from badge.errors import InputError
from sim.view.sources.opened import Opened, Tell
from sim.view.sources.recordings import is_recording, open_recordings
from sim.view.sources.run_folder import is_run, open_run


def open_picture(
    names: Sequence[str], recordings: Path | None = None, tell: Tell | None = None
) -> Opened:
    """Make the picture; `InputError` if nothing of it can be shown."""
    paths = [Path(name) for name in names]
    if len(paths) == 2 and all(map(is_recording, paths)):
        return open_recordings(paths)
    if len(paths) > 1:
        raise InputError(
            f"{len(paths)} things at once: two recordings go side by side, of anything else "
            "name one"
        )
    return _one(paths[0], recordings, tell)


def _one(path: Path, recordings: Path | None, tell: Tell | None) -> Opened:
    if path.is_dir():
        inner = path / "run"
        folder = inner if not is_run(path) and is_run(inner) else path
        return open_run(folder, recordings, tell)
    return open_recordings([path])
