"""`badge replay`: feed a recording again and compare what is logged with what was logged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from pydantic_core import to_json

from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS
from badge.host.files import refuse_overwriting, whole_file
from badge.host.recording_file import RecordingFile, RecordingWriter
from badge.recording.alignment import Difference, align
from badge.recording.format import Happened, Wrote
from badge.recording.playback import replay as run_replay
from badge.recording.playback import retell

_SHOWN = 10
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("recording", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--events", type=_FILE, help="Write the events of the replay, one a line.")
@click.option("--rewrite", is_flag=True, help="Put what the badge logs now into the recording.")
@click.option("--differences", type=_FILE, help="Where all differences go.  [default: beside it]")
@click.option("--json", "as_json", is_flag=True, help="The outcome as JSON.")
def replay(
    recording: Path,
    events: Path | None,
    rewrite: bool,
    differences: Path | None,
    as_json: bool,
) -> None:
    """Feed a recording to the badge again and compare with its events.

    Exit code 0: all equal.  1: they differ; the first differences are shown side by side, all of
    them are written to a file.
    """
    place = differences or _beside(recording)
    refuse_overwriting([recording], [events, place])
    if rewrite:
        _rewrite(recording)
        return
    wanted, logged = _both(recording)
    if events is not None:
        _write(events, (to_json(line.event) + b"\n" for line in logged))
    found = align(wanted, logged)
    if found:
        _write(place, (f"{difference.text()}\n".encode() for difference in found))
    if as_json:
        terminal.print_json({"events": len(logged), "differences": len(found)})
    else:
        _report(recording, place, len(logged), found)
    if found:
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _beside(recording: Path) -> Path:
    place = recording.with_suffix(".diff")
    return place if place != recording else recording.with_name(recording.name + ".diff")


def _both(path: Path) -> tuple[list[Wrote], list[Wrote]]:
    """Return what the recording says was logged, and what is logged now."""
    with RecordingFile(path) as file:
        wanted: list[Wrote] = []

        def inputs() -> Iterator[Happened | Wrote]:
            for line in file:
                if isinstance(line, Wrote):
                    wanted.append(line)
                else:
                    yield line

        logged = list(run_replay(file.header, inputs(), str(path)))
    return wanted, logged


def _rewrite(path: Path) -> None:
    """Put what is logged now into the recording, in one step."""
    with RecordingFile(path) as file, whole_file(path) as fresh:
        writer = RecordingWriter(path, file.header, fresh)
        for line in retell(file.header, file, str(path)):
            if isinstance(line, Wrote):
                writer.wrote(line.ms, line.event)
            else:
                writer.happened(line.ms, line.what)
    terminal.say(f"{path}: rewritten")


def _write(path: Path, lines: Iterable[bytes]) -> None:
    with whole_file(path) as file:
        file.writelines(lines)


def _report(recording: Path, place: Path, count: int, found: list[Difference]) -> None:
    say = terminal.say
    if not found:
        say(f"{recording}: equal, {count} events")
        return
    noun = "difference" if len(found) == 1 else "differences"
    say(f"{recording}: {len(found)} {noun} in {count} events")
    for difference in found[:_SHOWN]:
        say(difference.text())
    if len(found) > _SHOWN:
        say(f"… and {len(found) - _SHOWN} more")
    say(f"all of them: {place}")
