"""`badge replay`: feed a recording again and compare what is logged with what was logged."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource
from pydantic_core import to_json

from badge.cli import terminal
from badge.cli.commands import KEEP_RECORDINGS, TRAFFIC_REPLAY, load
from badge.cli.exits import EXIT_DIFFERS
from badge.errors import InputError
from badge.host.files import refuse_overwriting, whole_file
from badge.host.junit import JunitCase, write_junit
from badge.host.recording_file import RecordingFile, RecordingWriter, is_recording
from badge.recording.alignment import Difference, align
from badge.recording.format import Happened, Wrote
from badge.recording.playback import replay as run_replay
from badge.recording.playback import retell
from badge.words import counted

_SHOWN = 10
_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_SENDING = ("speed", "begin", "end", "devices", "shift", "api_key", "keys_file", "give_up", "out")


def _sending_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give the options that go with --to."""
    options = (
        click.option("--to", "url", metavar="URL", help="A backend: send it what was sent."),
        click.option("--speed", default="1x", show_default=True, help="With --to: 1x, 60x, max."),
        click.option("--from", "begin", metavar="MOMENT", help="Batches from 10:00 on, UTC."),
        click.option("--until", "end", metavar="MOMENT", help="Batches until then."),
        click.option("--devices", multiple=True, metavar="ID[=AS]", help="Only these; or as AS."),
        click.option("--shift", metavar="now|+7d", help="Move the events' times; now: from now."),
        click.option("--api-key", envvar="BADGE_API_KEY", help="One key for all devices."),
        click.option("--keys", "keys_file", type=_FILE, help="The keys.json of a run."),
        click.option("--provision", "provisioning_key", help="Makes a key for each device."),
        click.option("--give-up", default="60s", show_default=True, help="No answer for so long."),
        click.option("--out", type=_FOLDER, help="The ledger's folder.  [default: replay-<id>]"),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@click.argument("recordings", nargs=-1, required=True, metavar="RECORDING...")
@click.option("--events", type=_FILE, help="Write the events of the replay, one a line.")
@click.option("--rewrite", is_flag=True, help="Put what the badge logs now into the recording.")
@click.option("--differences", type=_FILE, help="Where all differences go.  [default: beside it]")
@click.option("--junit", type=_FILE, help="A report with a test case a recording.")
@click.option("--view", type=_FILE, help="Both sides as a page: badge view in one file.")
@_sending_options
@click.option("--json", "as_json", is_flag=True, help="The outcome as JSON.")
def replay(
    recordings: tuple[str, ...],
    events: Path | None,
    rewrite: bool,
    differences: Path | None,
    junit: Path | None,
    view: Path | None,
    as_json: bool,
    **sending: Any,
) -> None:
    """Feed recordings to the badge again and compare with their events.

    Exit code 0: all equal.  1: they differ; the first differences are shown side by side, all of
    them are written to a file.  A folder stands for all recordings in it.

    With --to what was sent goes out again, batch by batch, in its own time and order, and every
    answer is kept in a ledger; stopped, the same command goes on.  Then RECORDING may also be the
    folder of a run, a file of batches or of events, or a store as badge reconcile reads it.  Exit
    code 1: not all was taken.
    """
    if sending["url"] is not None:
        _refuse(("--events", events), ("--rewrite", rewrite), ("--differences", differences))
        _refuse(("--junit", junit), ("--view", view))
        load(TRAFFIC_REPLAY)(sources=recordings, as_json=as_json, **sending)
        return
    _refuse_sending()
    paths = _named(recordings)
    if len(paths) > 1:
        _refuse_with_several(events, differences, view)
    if rewrite:
        refuse_overwriting(paths, [events, differences, junit])
        for path in paths:
            _rewrite(path)
        return
    several = len(paths) > 1 or any(Path(name).is_dir() for name in recordings)
    outcomes = []
    with terminal.progress() as bar:
        task = bar.add_task("recordings", total=len(paths), word="")
        for path in paths:
            bar.update(task, word=path.name)
            place = differences or _beside(path)
            refuse_overwriting([path], [events, place, junit, view])
            outcomes.append(_compare(path, place, events))
            bar.advance(task)
    if view is not None:
        load(KEEP_RECORDINGS)(paths, view)
    if junit is not None:
        write_junit(junit, "badge replay", [one.case() for one in outcomes])
    _say(outcomes, several=several, as_json=as_json)
    if any(one.found for one in outcomes):
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _refuse(*given: tuple[str, object]) -> None:
    for name, value in given:
        if value:
            raise click.UsageError(f"{name} compares; with --to nothing is compared")


def _refuse_sending() -> None:
    """Without --to an option that goes with it would do nothing."""
    context = click.get_current_context()
    for option in context.command.params:
        given = context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
        if given and option.name in (*_SENDING, "provisioning_key"):
            raise click.UsageError(f"{option.opts[0]} goes with --to URL")


def _refuse_with_several(*given: Path | None) -> None:
    for name, value in zip(("--events", "--differences", "--view"), given, strict=True):
        if value is not None:
            raise click.UsageError(f"{name} is for one recording; leave it out for several")


def _named(names: Sequence[str]) -> list[Path]:
    """Give the recordings meant: a folder stands for those in it."""
    paths: list[Path] = []
    for name in names:
        path = Path(name)
        try:
            there, is_folder = path.exists(), path.is_dir()
        except (OSError, ValueError):
            there = is_folder = False
        if not there:
            raise InputError(f"{name}: file or folder does not exist")
        found = sorted(filter(is_recording, path.iterdir())) if is_folder else [path]
        if not found:
            raise InputError(f"{name}: there is no recording in this folder")
        paths += found
    return list(dict.fromkeys(paths))


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one recording; `place` holds all its differences, `found` if there are any."""

    path: Path
    place: Path
    count: int
    found: list[Difference]
    seconds: float

    def case(self) -> JunitCase:
        """Give it as a test case."""
        failure = "\n".join(one.text() for one in self.found[:_SHOWN])
        if self.found:
            failure = f"{_differences(self.found, self.count)}\n{failure}"
        return JunitCase("replay", str(self.path), failure, seconds=self.seconds)


def _compare(path: Path, place: Path, events: Path | None) -> _Outcome:
    begun_s = time.monotonic()
    wanted, logged = _both(path)
    if events is not None:
        _write(events, (to_json(line.event) + b"\n" for line in logged))
    found = align(wanted, logged)
    if found:
        _write(place, (f"{difference.text()}\n".encode() for difference in found))
    return _Outcome(path, place, len(logged), found, time.monotonic() - begun_s)


def _say(outcomes: Sequence[_Outcome], *, several: bool, as_json: bool) -> None:
    if as_json:
        rows = [
            {"recording": str(one.path), "events": one.count, "differences": len(one.found)}
            for one in outcomes
        ]
        terminal.print_json(rows if several else {k: rows[0][k] for k in ("events", "differences")})
        return
    for one in outcomes:
        _report(one.path, one.place, one.count, one.found)
    if several:
        unequal = sum(bool(one.found) for one in outcomes)
        events = sum(one.count for one in outcomes)
        terminal.say(
            f"{len(outcomes) - unequal} of {counted(len(outcomes), 'recording')} equal, "
            f"{counted(events, 'event')}"
        )


def _beside(recording: Path) -> Path:
    place = recording.with_suffix(".diff")
    return place if place != recording else recording.with_name(recording.name + ".diff")


def _both(path: Path) -> tuple[list[Wrote], list[Wrote]]:
    """Return what the recording says was logged, and what is logged now."""
    with RecordingFile(path) as file:
        wanted: list[Wrote] = []

        def lines() -> Iterator[Happened | Wrote]:
            for line in file:
                if isinstance(line, Wrote):
                    wanted.append(line)
                yield line

        logged = list(run_replay(file.header, lines(), str(path)))
    return wanted, logged


def _rewrite(path: Path) -> None:
    """Put what is logged now into the recording, in one step."""
    # In this order: Windows gives no name to a file while that of the name is open.
    with whole_file(path) as fresh, RecordingFile(path) as file:
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


def _differences(found: list[Difference], count: int) -> str:
    return f"{counted(len(found), 'difference')} in {counted(count, 'event')}"


def _report(recording: Path, place: Path, count: int, found: list[Difference]) -> None:
    say = terminal.say
    if not found:
        say(f"{recording}: equal, {counted(count, 'event')}")
        return
    say(f"{recording}: {_differences(found, count)}")
    for difference in found[:_SHOWN]:
        say(difference.text())
    if len(found) > _SHOWN:
        say(f"… and {len(found) - _SHOWN} more")
    say(f"all of them: {place}")
