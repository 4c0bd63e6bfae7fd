"""`badge reconstruct`: from what a backend holds to a recording whose replay logs the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import click

from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS
from badge.config import BadgeConfig
from badge.contract.validation import judge
from badge.errors import InputError
from badge.host.config_file import parse_assignment, read_settings
from badge.host.files import refuse_overwriting, whole_file
from badge.host.recording_file import RecordingWriter, is_recording
from badge.recording.format import GAP_MS_MAX, MS_MAX, Happened, Wrote
from badge.words import counted, listed
from sim.reconcile.scratch import scratch
from sim.reconcile.stores.names import parse_names
from sim.reconcile.stores.open import open_store
from sim.reconstruct.clock import steadied
from sim.reconstruct.drive import Reconstructed, reconstruct
from sim.reconstruct.held import by_device
from sim.reconstruct.seen import SeenEvent, boots, seen
from sim.reconstruct.settings import settings_of

_PATH = click.Path(path_type=Path)
_INPUT = click.Path(dir_okay=False, exists=True, path_type=Path)
_SHOWN = 10
_SUFFIXES = (".ndjson", ".cbor", ".jsonl")


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one device."""

    device_id: str
    path: Path
    events: int
    invalid: tuple[str, ...]
    made: Reconstructed

    def document(self) -> dict[str, Any]:
        """Give it for machines."""
        made = self.made
        return {
            "device_id": self.device_id,
            "recording": str(self.path),
            "events": self.events,
            "inputs": sum(type(line) is Happened for line in made.lines),
            "invalid": len(self.invalid),
            "unexplained": len(made.unexplained),
            "not_held": sum(last - first + 1 for first, last in made.gaps),
            "stand_ins": made.stand_ins,
            "clock_sets": len(made.clock_sets),
        }

    @property
    def is_clean(self) -> bool:
        """Whether a replay logs all that is held, and nothing else."""
        return not (self.made.unexplained or self.invalid)


@dataclass(frozen=True, slots=True)
class _Unexplained:
    """A device of which no recording could be made, and why."""

    device_id: str
    why: str

    def document(self) -> dict[str, Any]:
        """Give it for machines."""
        return {"device_id": self.device_id, "recording": None, "why": self.why}


@click.command("reconstruct")
@click.argument("store", metavar="EVENTS|STORE")
@click.option("--out", required=True, type=_PATH, help="The recording; of several badges a folder.")
@click.option("--device", "devices", multiple=True, metavar="ID", help="Only this badge.")
@click.option("--config", "config_file", type=_INPUT, help="The badge's device_config.json.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Any setting.")
@click.option("--table", "tables", multiple=True, metavar="NAME", help="As badge reconcile has it.")
@click.option("--column", "columns", multiple=True, metavar="OURS=THEIRS", help="Likewise.")
@click.option("--json", "as_json", is_flag=True, help="The outcome as JSON.")
def reconstruct_command(
    store: str,
    out: Path,
    devices: tuple[str, ...],
    config_file: Path | None,
    settings: tuple[str, ...],
    tables: tuple[str, ...],
    columns: tuple[str, ...],
    as_json: bool,
) -> None:
    """Find what must have happened for a badge to log what a backend holds.

    STORE is a file of events or batches, Parquet, SQLite or PostgreSQL, as badge reconcile reads
    it.  The recording has the fixes, scans, movements, readings, answers and boots that explain
    the events, the least that does.  What is not explained is named, and makes exit code 1.
    """
    given = _settings(config_file, settings)
    if "://" not in store and not Path(store).is_file():
        raise InputError(f"{store}: {_no_file(Path(store))}")
    if "://" not in store and is_recording(Path(store)):
        raise InputError(f"{store}: is a recording already; badge replay takes it")
    refuse_overwriting([Path(store)] if "://" not in store else [], [out])
    outcomes: list[_Outcome] = []
    failed: list[_Unexplained] = []
    with open_store(store) as opened, scratch() as room:
        found = by_device(opened, parse_names(tables, columns), room, devices)
        if not found.devices:
            raise InputError(next(iter(found.passed_over), f"{store}: there is no event in it"))
        with terminal.progress() as bar:
            task = bar.add_task("badges", total=len(found.devices), word="")
            for device_id in found.devices:
                bar.update(task, word=device_id)
                path = _path(out, device_id, found.devices)
                events = list(found.events(device_id))
                try:
                    outcomes.append(_one(device_id, events, given, path, store))
                except InputError as error:
                    failed.append(_Unexplained(device_id, str(error)))
                bar.advance(task)
    if not outcomes:
        raise InputError(failed[0].why)
    if as_json:
        made = [one.document() for one in outcomes]
        terminal.print_json(made + [one.document() for one in failed])
    else:
        for one in outcomes:
            _report(one)
    for other in failed:
        terminal.say(f"{other.device_id}: not explained at all: {other.why}", err=as_json)
    for line in _cut(found.passed_over):
        terminal.say(f"left out, {line}", err=as_json)
    if failed or found.passed_over or not all(one.is_clean for one in outcomes):
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _no_file(path: Path) -> str:
    if not path.is_dir():
        return "is no file" if path.exists() else "file does not exist"
    events = path / "events.ndjson"
    return f"is a folder; name the file in it, {events}" if events.is_file() else "is a folder"


def _settings(config_file: Path | None, settings: Sequence[str]) -> dict[str, Any]:
    """Give what is said of the settings; the device is that of the events."""
    changes = [parse_assignment(one) for one in settings]
    if config_file is None:
        return dict(changes)
    whole = read_settings(config_file, [("device_id", None), *changes]).public()
    del whole["device_id"]
    return whole


def _path(out: Path, device_id: str, devices: Sequence[str]) -> Path:
    if len(devices) == 1 and not out.is_dir():
        return out
    if out.suffix in _SUFFIXES and not out.is_dir():
        raise InputError(
            f"--out {out}: there are {len(devices)} badges ({listed(devices, 3)}); take "
            "one with --device, or name a folder"
        )
    out.mkdir(parents=True, exist_ok=True)
    return out / f"{device_id}.ndjson"


def _one(
    device_id: str, events: list[dict[str, Any]], given: dict[str, Any], path: Path, store: str
) -> _Outcome:
    judged = judge(events)
    valid = list(judged.valid.values())
    bad = tuple(
        dict.fromkeys(f"event {fault.sequence_number}: {fault.reason}" for fault in judged.faults)
    )
    if not valid:
        raise InputError(f"{store}: no event of {device_id} is valid: {bad[0]}")
    known = seen(valid, store)
    config = settings_of(device_id, known, given)
    _check_boots(known, config)
    made = reconstruct(config, known)
    _check_span([line.ms for line in made.lines], device_id)
    with whole_file(path) as file:
        writer = RecordingWriter(path, made.header, file)
        for line in made.lines:
            if isinstance(line, Wrote):
                writer.wrote(line.ms, line.event)
            else:
                writer.happened(line.ms, line.what)
    return _Outcome(device_id, path, len(events), bad, made)


def _check_boots(known: list[SeenEvent], config: BadgeConfig) -> None:
    """Refuse before years are lived through: within a boot the clock goes on, unless it is set."""
    for part in boots(known):
        begin_s = part[0].second
        steady = steadied(part, config)
        _check_span([(one.second - begin_s) * 1000 for one in steady], config.device_id)


def _check_span(moments: Sequence[int], device_id: str) -> None:
    gap_ms = max((b - a for a, b in pairwise(moments)), default=0)
    if gap_ms > GAP_MS_MAX or moments[-1] > MS_MAX:
        raise InputError(
            f"{device_id}: its events span more than a recording ({MS_MAX // 86_400_000} days, "
            f"{GAP_MS_MAX // 86_400_000} without an event); give a part of them"
        )


def _cut(lines: Sequence[str]) -> list[str]:
    """Give the first lines, and how many there are more."""
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"… and {more} more"] if more > 0 else [])]


def _report(one: _Outcome) -> None:
    document, say = one.document(), terminal.say
    inputs = counted(document["inputs"], "input")
    say(f"{one.path}: {counted(one.events, 'event')}, explained by {inputs}")
    for line in _notes(one):
        say(f"  {line}")


def _notes(one: _Outcome) -> Iterator[str]:
    made = one.made
    if made.began_before:
        yield (
            f"what was before event {made.began_before} is not held: the recording begins with a "
            "boot of its own, and with a shift if one was open"
        )
    if made.gaps:
        first, last = made.gaps[0]
        name = f"{first}" if first == last else f"{first} to {last}"
        count = sum(last - first + 1 for first, last in made.gaps)
        missing = counted(count, "number is", "numbers are")
        instead = counted(
            made.stand_ins, "event of the replay stands", "events of the replay stand"
        )
        yield f"{missing} not held, {name}; {instead} in for {'it' if count == 1 else 'them'}"
    if made.clock_sets:
        told = (f"by {seconds:+,} s before event {number}" for number, seconds in made.clock_sets)
        yield f"its clock was set {', '.join(_cut(list(told)))}"
    yield from (f"left out, {words}" for words in _cut(one.invalid))
    if made.unexplained:
        yield f"not explained: {len(made.unexplained)}"
        for number in made.unfit[:_SHOWN]:
            yield f"from event {number} on the times do not fit a badge's timing: was its"
            yield "clock set by a little, or are its settings others (--set)?"
    for difference in made.unexplained[:_SHOWN]:
        yield from difference.text().splitlines()
    if len(made.unexplained) > _SHOWN:
        yield f"… and {len(made.unexplained) - _SHOWN} more; badge replay shows none of them"
