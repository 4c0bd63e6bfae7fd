"""`badge record`: a badge through real input, its recording, its events, its uploads."""

from __future__ import annotations

import re
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from pydantic import TypeAdapter, ValidationError

from badge.badge import Badge
from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS
from badge.config import QUARANTINE_EVENTS_LIMIT, BadgeConfig
from badge.contract.events import VERSION_PATTERN, WorkerId
from badge.errors import InputError
from badge.host.config_file import parse_assignment, read_settings
from badge.host.flash_file import FlashFile
from badge.host.observers import Counts, EventLines, Recorder
from badge.host.recording_file import RecordingWriter
from badge.ports import Observer
from badge.recording.format import Header
from badge.storage.journal import FlashJournal
from badge.storage.memory import MemoryStore, snapshot
from badge.storage.store import Store
from sim.engine.clock import Clock
from sim.engine.pump import Device
from sim.fleet.no_uplink import NoUplink
from sim.record.drive import Drive
from sim.record.sensors import RecordedSurroundings
from sim.record.uplink import HttpUplink
from sim.sources.adverts import AdvertLog
from sim.sources.open import read_adverts, read_track
from sim.sources.track import Track

TAGS_MAX = 1000  # what a configuration may list
_FILE = click.Path(dir_okay=False, path_type=Path)
_INPUT = click.Path(dir_okay=False, exists=True, path_type=Path)


@dataclass(frozen=True, slots=True)
class Job:
    """What to drive a badge through, and where its traces go."""

    config: BadgeConfig
    track: Track
    adverts: AdvertLog | None
    worker_id: str
    firmware_version: str = "0.1.0"
    out: Path | None = None
    events: Path | None = None
    flash: Path | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: counts, how many events still wait, and the last trouble on the way."""

    tally: Counts
    waiting: int
    quarantined: int
    overflowed: int
    trouble: str | None


@click.command()
@click.option("--track", required=True, type=_INPUT, help="A GPX file or an NMEA log.")
@click.option("--adverts", type=_INPUT, help="An RSSI table (CSV), btsnoop, pcap or pcapng.")
@click.option("--absolute", is_flag=True, help="Keep the adverts at their own time of day.")
@click.option("--config", "config_file", type=_INPUT, help="A device_config.json.")
@click.option("--device-id", help="ACT- and eight hexadecimal digits.  [default: ACT-00000001]")
@click.option("--rssi-threshold", type=int, help="dBm, e.g. -80.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Any setting.")
@click.option("--firmware", default="0.1.0", show_default=True, help="major.minor.patch")
@click.option("--worker", default="W-007", show_default=True, help="Who wears the badge.")
@click.option("--out", type=_FILE, help="The recording to write (.cbor: compact form).")
@click.option("--events", type=_FILE, help="The events, one line of JSON each, as logged.")
@click.option("--flash", type=_FILE, help="The badge's flash; a second run goes on with it.")
@click.option("--to", "url", help="An ingest, e.g. http://127.0.0.1:8080: upload as it goes.")
@click.option("--api-key", envvar="BADGE_API_KEY", help="Or BADGE_API_KEY in the environment.")
@click.option("--json", "as_json", is_flag=True, help="The closing counts as JSON.")
def record(
    track: Path,
    adverts: Path | None,
    absolute: bool,
    config_file: Path | None,
    device_id: str | None,
    rssi_threshold: int | None,
    settings: tuple[str, ...],
    firmware: str,
    worker: str,
    out: Path | None,
    events: Path | None,
    flash: Path | None,
    url: str | None,
    api_key: str | None,
    as_json: bool,
) -> None:
    """Drive a badge through a real walk, in simulated time at full speed.

    UTC is learnt and the worker assigned at the first point of the track; the shift ends at the
    last.  The adverts' first moment is laid on the track's first moment.  Exit code 1: not every
    event was delivered.
    """
    with terminal.err().status("reading"):
        walk = read_track(track)
        log = None if adverts is None else read_adverts(adverts)
    if log is not None and not absolute:
        log = log.shifted(walk.start_utc_ms)
    changes: list[tuple[str, Any]] = [
        ("device_id", device_id),
        ("ble_rssi_threshold", rssi_threshold),
        ("api_key", api_key),
        *map(parse_assignment, settings),
    ]
    config = _know_all_tags(read_settings(config_file, changes), log)
    if config.worker_ids and worker not in config.worker_ids:
        raise InputError(f"--worker {worker}: not in the configuration's worker_ids")
    _check_names(worker, firmware)
    _check_paths(inputs=[track, adverts, config_file], outputs=[out, events, flash])
    job = Job(config, walk, log, worker, firmware, out, events, flash, url)
    outcome = run(job)
    _report(job, outcome, as_json=as_json)
    if url is not None and (outcome.waiting or outcome.overflowed):
        raise click.exceptions.Exit(EXIT_DIFFERS)


def run(job: Job) -> Outcome:
    """Drive the badge through the whole job."""
    with ExitStack() as stack:
        flash = None if job.flash is None else stack.enter_context(FlashFile(job.flash))
        store: Store = MemoryStore() if flash is None else _journal(flash, job)
        clock, tally = Clock(), Counts()
        surroundings = RecordedSurroundings(job.track, job.adverts)
        uplink = _uplink(job, clock)
        device = Device(
            Badge(job.config, store, job.firmware_version),
            clock,
            surroundings,
            uplink,
            flash,
            [tally, *_writers(job, store, flash, stack)],
        )
        drive = Drive(
            device,
            surroundings,
            job.track,
            job.worker_id,
            online=job.url is not None,
            owns_flash=flash is not None,
        )
        bar = stack.enter_context(terminal.progress())
        task = bar.add_task("driving", total=1, word="")
        try:
            drive.run(lambda now, end: bar.update(task, completed=now, total=max(end, 1)))
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_what_waits(job, store)) from None
        queue = store.queue
        return Outcome(
            tally,
            len(queue.entries),
            len(queue.quarantined),
            queue.overflow_count,
            uplink.trouble,
        )


def _journal(flash: FlashFile, job: Job) -> FlashJournal:
    """Open a badge's flash; InputError if it belongs to another badge."""
    store = FlashJournal(flash, flash.geometry)
    store.queue.quarantine_max = QUARANTINE_EVENTS_LIMIT
    store.recover()
    owner = (store.config_document or {}).get("device_id", job.config.device_id)
    if owner != job.config.device_id:
        raise InputError(
            f"{flash.path}: it is the flash of {owner}, not of {job.config.device_id}; "
            "name another file"
        )
    return store


def _uplink(job: Job, clock: Clock) -> HttpUplink | NoUplink:
    if job.url is None:
        return NoUplink()
    return HttpUplink(clock, job.url, job.config.api_key.get_secret_value(), {})


def _writers(job: Job, store: Store, flash: FlashFile | None, stack: ExitStack) -> list[Observer]:
    writers: list[Observer] = []
    if job.out is not None:
        start = None if flash is None else snapshot(store)
        header = Header(job.config, job.firmware_version, start)
        writer = stack.enter_context(RecordingWriter(job.out, header))
        writers.append(Recorder(writer, job.config.device_id))
    if job.events is not None:
        writers.append(stack.enter_context(closing(EventLines(job.events, job.config.device_id))))
    return writers


def _know_all_tags(config: BadgeConfig, log: AdvertLog | None) -> BadgeConfig:
    """Unless the configuration lists tags, every MAC heard is known."""
    if log is None or config.known_equipment_tags:
        return config
    if len(log.macs) > TAGS_MAX:
        raise InputError(
            f"--adverts: {len(log.macs)} tags were heard and a badge knows {TAGS_MAX} at most: "
            "list those that matter as known_equipment_tags in a --config"
        )
    return config.model_copy(update={"known_equipment_tags": list(log.macs)})


def _check_names(worker: str, firmware: str) -> None:
    try:
        TypeAdapter(WorkerId).validate_python(worker, strict=True)
    except ValidationError:
        raise InputError(f"--worker {worker!r}: expected 1 to 64 characters") from None
    if not re.fullmatch(VERSION_PATTERN, firmware):
        raise InputError(f"--firmware {firmware!r}: expected major.minor.patch, like 0.1.0")


def _check_paths(inputs: list[Path | None], outputs: list[Path | None]) -> None:
    """Refuse to write over an input, or to write two things into one file."""
    taken = {path.resolve() for path in inputs if path is not None}
    for path in outputs:
        if path is None:
            continue
        if path.resolve() in taken:
            raise InputError(f"{path}: named twice; every file needs a name of its own")
        if path.is_file() or not path.exists():
            taken.add(path.resolve())


def _what_waits(job: Job, store: Store) -> str:
    count = len(store.queue.entries)
    if job.flash is None:
        return f"stopped; {count} events were not delivered: with --flash FILE they would wait"
    return f"stopped; {count} events wait in {job.flash}: the same command goes on"


def _report(job: Job, outcome: Outcome, *, as_json: bool) -> None:
    tally = outcome.tally
    answers = {str(status or "none"): count for status, count in sorted_answers(tally)}
    if as_json:
        terminal.print_json(
            {
                "device_id": job.config.device_id,
                "events": dict(sorted(tally.events.items())),
                "events_total": sum(tally.events.values()),
                "answers": answers,
                "waiting": outcome.waiting,
                "quarantined": outcome.quarantined,
                "overflowed": outcome.overflowed,
            }
        )
        return
    screen = terminal.out()
    rows = [*sorted(tally.events.items()), ("all", sum(tally.events.values()))]
    screen.print(terminal.table(f"{job.config.device_id} logged", ("event", "count"), rows))
    if job.url:
        screen.print(terminal.table("the ingest answered", ("status", "batches"), answers.items()))
    for path, what in ((job.out, "recording"), (job.events, "events"), (job.flash, "flash")):
        if path is not None:
            screen.print(f"{what}: {path}", markup=False, soft_wrap=True)
    _report_what_is_left(job, outcome)


def sorted_answers(tally: Counts) -> list[tuple[int | None, int]]:
    """Return (status, count) with "no answer" last."""
    return sorted(tally.answers.items(), key=lambda item: (item[0] is None, item[0] or 0))


def _report_what_is_left(job: Job, outcome: Outcome) -> None:
    if outcome.quarantined:
        _note(f"{outcome.quarantined} events were refused and are in quarantine")
    if outcome.overflowed:
        _note(f"{outcome.overflowed} events were dropped: the queue was full")
    if outcome.waiting and job.url:
        why = f" ({outcome.trouble})" if outcome.trouble else ""
        keep = (
            f"they wait in {job.flash}: run the same command again"
            if job.flash
            else "they are lost; with --flash FILE they would wait for the next run"
        )
        _note(f"{job.url}{why}: {outcome.waiting} events were not delivered; {keep}")


def _note(text: str) -> None:
    terminal.err().print(text, markup=False, soft_wrap=True)
