"""`badge edit`: recordings cut, moved, joined, thinned out, without who and where."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path

import click

from badge.cli import terminal
from badge.errors import InputError
from badge.host.files import refuse_overwriting, whole_file
from badge.host.recording_file import RecordingFile, RecordingWriter
from badge.recording import edit as change
from badge.recording.anonymise import Anonymiser
from badge.recording.edit import Timeline, story_of, whole
from badge.recording.format import Wrote
from badge.words import counted

_FILE = click.Path(dir_okay=False, path_type=Path)
_INPUT = click.Path(dir_okay=False, exists=True, path_type=Path)
_PLACE = re.compile(r"(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)")
_SHIFT = re.compile(r"([+-]\d{1,9})([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
PAUSE_MS = 3000


@click.command("edit")
@click.argument("recordings", nargs=-1, required=True, type=_INPUT, metavar="RECORDING...")
@click.option("--out", required=True, type=_FILE, help="The recording to write (.cbor: compact).")
@click.option("--from", "begin", metavar="MOMENT", help="Cut what is before, e.g. 10:00 (UTC).")
@click.option("--until", "end", metavar="MOMENT", help="Cut what is behind.")
@click.option("--shift", metavar="now|+7d", help="Move the times of day; now: it begins now.")
@click.option("--thin", type=click.IntRange(2, 1000), help="Positions and scans, so much rarer.")
@click.option("--anonymise", is_flag=True, help="Other devices, workers and MACs; places moved.")
@click.option("--move-to", metavar="LAT,LON", help="Where the first fix comes to lie.  [0,0]")
@click.option("--json", "as_json", is_flag=True, help="The outcome as JSON.")
def edit(
    recordings: tuple[Path, ...],
    out: Path,
    begin: str | None,
    end: str | None,
    shift: str | None,
    thin: int | None,
    anonymise: bool,
    move_to: str | None,
    as_json: bool,
) -> None:
    """Change what happened in RECORDING, and tell anew what the badge logs: OUT is whole.

    Several recordings of one badge are joined end to end first.  A part that begins in the middle
    begins with a boot on what the badge held by then, and with its shift.  Never in place.
    """
    refuse_overwriting(recordings, [out])
    if move_to is not None and not anonymise:
        raise click.UsageError("--move-to goes with --anonymise")
    place = _read_place(move_to)
    stories = [_read(path) for path in recordings]
    names = [str(path) for path in recordings]
    story = stories[0] if len(stories) == 1 else change.merge(stories, PAUSE_MS, names)
    if begin is not None or end is not None:
        story = _cut(story, begin, end, names[0])
    if shift is not None:
        story = change.shift(story, _shift_s(shift, story), names[0])
    if thin is not None:
        story = change.thin_out(story, thin)
    if anonymise:
        story = Anonymiser(*place).story(story)
    inputs, events = _write(story, out, thin=thin is not None)
    if as_json:
        terminal.print_json({"recording": str(out), "inputs": inputs, "events": events})
    else:
        terminal.say(f"{out}: {counted(inputs, 'input')}, {counted(events, 'event')}")


def _read(path: Path) -> Timeline:
    with RecordingFile(path) as file:
        story = story_of(file.header, file, str(path))
    if not story.inputs:
        raise InputError(f"{path}: nothing happens in it")
    return story


def _write(story: Timeline, out: Path, *, thin: bool) -> tuple[int, int]:
    inputs = events = 0
    with whole_file(out) as file:
        writer = RecordingWriter(out, story.header, file)
        for line in whole(story, str(out), thin=thin):
            if isinstance(line, Wrote):
                writer.wrote(line.ms, line.event)
                events += 1
            else:
                writer.happened(line.ms, line.what)
                inputs += 1
    return inputs, events


def _cut(story: Timeline, begin: str | None, end: str | None, name: str) -> Timeline:
    if story.offset_ms is None:
        raise InputError(f"{name}: the badge never learns the time of day, so no moment is known")
    # Of several the first: a moment is one of the clock that the day began with.
    begin_ms = 0 if begin is None else _ms("--from", begin, story.offset_ms)
    end_ms = story.end_ms if end is None else _ms("--until", end, story.offset_ms)
    if begin is not None and end is not None and begin_ms > end_ms:
        raise InputError(f"--from {begin} is later than --until {end}")
    return change.cut(story, max(begin_ms, 0), end_ms, name)


def _ms(option: str, text: str, offset_ms: int) -> int:
    for kind in (time, datetime):
        try:
            at = kind.fromisoformat(text)
        except ValueError:
            continue
        if isinstance(at, time):
            at = datetime.combine(datetime.fromtimestamp(offset_ms // 1000, UTC).date(), at)
        aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        return round(aware.timestamp() * 1000) - offset_ms
    raise InputError(f"{option} {text}: no moment; write 10:30 or 2026-03-14T10:30:00Z")


def _shift_s(text: str, story: Timeline) -> int:
    if text == "now":
        if story.offset_ms is None:
            raise InputError("--shift now: the badge never learns the time of day in it")
        return round(datetime.now(UTC).timestamp()) - story.offset_ms // 1000
    found = _SHIFT.fullmatch(text)
    if found is None:
        raise InputError(f"--shift {text}: write now, +7d or -90m")
    return int(found[1]) * _UNITS[found[2]]


def _read_place(text: str | None) -> Sequence[float]:
    if text is None:
        return (0.0, 0.0)
    found = _PLACE.fullmatch(text)
    if found is None or abs(float(found[1])) > 89 or abs(float(found[2])) > 180:
        raise InputError(f"--move-to {text}: write latitude and longitude like 45.8,15.98")
    return float(found[1]), float(found[2])
