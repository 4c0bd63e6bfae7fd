"""From what a user names to a picture: a run, a demo, recordings, events, a report, a store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from badge.errors import InputError
from badge.host.recording_file import is_recording
from sim.view.model.picture import picture_of
from sim.view.sources.chaos import SCHEME, chaos_named
from sim.view.sources.event_file import open_events
from sim.view.sources.opened import Opened, Tell
from sim.view.sources.recordings import open_recordings
from sim.view.sources.report import open_report, read_report
from sim.view.sources.run_folder import is_run, open_run
from sim.view.sources.running import RunningRun, running_in
from sim.view.sources.store import is_store, open_store, path_of


def open_picture(
    names: Sequence[str], recordings: Path | None = None, tell: Tell | None = None
) -> Opened:
    """Make the picture; `InputError` if nothing of it can be shown."""
    if len(names) == 1 and names[0].startswith(SCHEME):
        return chaos_named(names[0]).opened()
    paths = [path_of(name) for name in names]
    if len(paths) == 2 and all(map(is_recording, paths)):
        return open_recordings(paths)
    if len(paths) > 1:
        raise InputError(
            f"{len(paths)} things at once: two recordings go side by side, of anything else "
            "name one"
        )
    return _one(paths[0], recordings, tell)


def _one(path: Path, recordings: Path | None, tell: Tell | None) -> Opened:
    if (folder := running_in(path)) is not None:
        running = RunningRun(folder, recordings)
        while running.read():
            pass
        return Opened(picture_of(running.draft()), running.details, running.retold)
    if path.is_dir():
        return open_run(run_in(path), recordings, tell)
    if not path.exists():
        raise InputError(f"{path}: there is no such file or folder")
    if is_store(path):
        return open_store(path)
    if is_recording(path):
        return open_recordings([path])
    if path.suffix == ".json" and (report := read_report(path)) is not None:
        return open_report(report, path.name)
    return open_events(path)


def run_in(path: Path) -> Path:
    """Give the run's folder: the one named, or the one in a demo's."""
    inner = path / "run"
    return inner if not is_run(path) and is_run(inner) else path
