"""A picture kept as one file: what the option `--view FILE` of other commands does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from badge.cli import terminal
from badge.host.files import whole_file
from sim.view.page import whole_page
from sim.view.sources.opened import Opened
from sim.view.sources.recordings import open_recordings
from sim.view.sources.report import Event, open_report, open_verdict
from sim.view.sources.run_folder import open_run


def keep(opened: Opened, path: Path) -> None:
    """Write a picture as one page that works offline."""
    _keep(lambda: opened, path)


def _keep(read: Callable[[], Opened], path: Path) -> None:
    with terminal.err().status("drawing"):  # nothing where that is no terminal
        opened = read()
        with whole_file(path) as file:
            file.writelines(whole_page(opened))


def keep_run(folder: Path, path: Path, recordings: Path | None = None) -> None:
    """Write the picture of a run; `recordings` is where its badges were recorded."""
    _keep(lambda: open_run(folder, recordings), path)


def keep_recordings(recordings: Sequence[Path], path: Path) -> None:
    """Write the picture of a recording as it was and as it is now, or of two."""
    _keep(lambda: open_recordings(recordings), path)


def keep_report(document: Mapping[str, Any], name: str, path: Path) -> None:
    """Write the picture of what `badge gate` or `conform` says."""
    _keep(lambda: open_report(document, name), path)


def keep_verdict(
    wanted: Sequence[Event],
    logged: Sequence[object],
    findings: Sequence[Mapping[str, Any]],
    name: str,
    path: Path,
) -> None:
    """Write the picture of a device's events beside those it should have logged."""
    _keep(lambda: open_verdict(wanted, logged, findings, name), path)
