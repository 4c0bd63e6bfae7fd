"""`badge replay`: feed a recording again and compare what is logged with what was logged."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import click
from pydantic_core import to_json

from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS
from badge.errors import InputError
from badge.host.files import named
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
    if rewrite:
        _rewrite(recording)
        return
    wanted, logged = _both(recording)
    if events is not None:
        _write(events, (to_json(line.event) + b"\n" for line in logged))
    found = align(wanted, logged)
    place = differences or recording.with_suffix(".diff")
    if found:
        _write(place, (f"{difference.text()}\n".encode() for difference in found))
    if as_json:
        terminal.print_json({"events": len(logged), "differences": len(found)})
    else:
        _report(recording, place, len(logged), found)
    if found:
        raise click.exceptions.Exit(EXIT_DIFFERS)


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
    """Write beside the recording, then take its place in one step."""
    fresh = path.with_name(f".{path.stem}.new{path.suffix}")
    try:
        with ExitStack() as stack:
            file = stack.enter_context(RecordingFile(path))
            writer = stack.enter_context(RecordingWriter(fresh, file.header))
            for line in retell(file.header, file, str(path)):
                if isinstance(line, Wrote):
                    writer.wrote(line.ms, line.event)
                else:
                    writer.happened(line.ms, line.what)
        os.replace(fresh, path)
    except (InputError, OSError):
        fresh.unlink(missing_ok=True)
        raise
    click.echo(f"{path}: rewritten")


def _write(path: Path, lines: Iterable[bytes]) -> None:
    try:
        with path.open("wb") as file:
            file.writelines(lines)
    except OSError as error:
        raise named(error, path) from None


def _report(recording: Path, place: Path, count: int, found: list[Difference]) -> None:
    def say(text: str) -> None:
        terminal.out().print(text, markup=False, soft_wrap=True)

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
