"""`badge record`: a badge through real input, its recording, its events, its uploads."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import click
from pydantic import TypeAdapter, ValidationError

from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS
from badge.config import BadgeConfig
from badge.contract.events import VERSION_PATTERN, WorkerId
from badge.errors import InputError
from badge.host.config_file import parse_assignment, read_settings
from badge.host.files import refuse_overwriting
from badge.words import counted
from sim.record.options import track_options
from sim.record.session import SessionOptions, SessionResult, run_session, sorted_answers
from sim.sources.adverts import AdvertLog
from sim.sources.open import read_adverts, read_track
from sim.sources.outings import Choice
from sim.sources.track import MAX_GAP_MS

TAGS_MAX = 1000  # what a configuration may list
_FILE = click.Path(dir_okay=False, path_type=Path)
_INPUT = click.Path(dir_okay=False, exists=True, path_type=Path)


@click.command()
@click.option("--track", required=True, type=_INPUT, help="GPX, KML, FIT or an NMEA log.")
@track_options
@click.option("--adverts", type=_INPUT, help="An RSSI table (CSV), btsnoop, pcap or pcapng.")
@click.option("--absolute", is_flag=True, help="Keep the adverts at their own time of day.")
@click.option("--config", "config_file", type=_INPUT, help="A device_config.json.")
@click.option("--device-id", help="ACT- and eight hexadecimal digits.  [default: ACT-00000001]")
@click.option("--rssi-threshold", type=int, help="dBm, e.g. -80.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Any setting.")
@click.option("--firmware", default="0.1.0", show_default=True, help="major.minor.patch")
@click.option("--worker", default="W-007", show_default=True, help="Who wears the badge.")
@click.option(
    "--out",
    type=_FILE,
    help="The recording to write (.cbor: compact form); with --flash beside older ones.",
)
@click.option(
    "--events", type=_FILE, help="The events, a line of JSON each; with --flash the log goes on."
)
@click.option("--flash", type=_FILE, help="The badge's flash; a second run goes on with it.")
@click.option("--to", "url", help="An ingest, e.g. http://127.0.0.1:8080: upload as it goes.")
@click.option("--api-key", envvar="BADGE_API_KEY", help="Or BADGE_API_KEY in the environment.")
@click.option("--json", "as_json", is_flag=True, help="The closing counts as JSON.")
def record(
    track: Path,
    outing: int | None,
    begin: datetime | time | None,
    end: datetime | time | None,
    through_gaps: bool,
    day: date | None,
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
        walk = read_track(track, Choice(outing, begin, end, through_gaps), day)
        log = None if adverts is None else read_adverts(adverts)
    skipped = {"track": (track, walk.skipped)}
    if log is not None and adverts is not None:
        skipped["adverts"] = (adverts, log.skipped)
    for path, left_out in skipped.values():
        if sentence := left_out.sentence(path):
            _note(sentence)
    if gaps := walk.wide_gaps:
        many = counted(gaps, "pair of points lies", "pairs of points lie")
        _note(f"{track}: {many} more than {MAX_GAP_MS // 1000} s apart: no fix between them")
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
    refuse_overwriting([track, adverts, config_file], [out, events, flash])
    options = SessionOptions(config, walk, log, worker, firmware, out, events, flash, url)
    with terminal.progress() as bar:
        task = bar.add_task("driving", total=1, word="")
        result = run_session(
            options, lambda now, end: bar.update(task, completed=now, total=max(end, 1))
        )
    _report(
        options,
        result,
        {name: left_out.as_json() for name, (_, left_out) in skipped.items()},
        as_json=as_json,
    )
    if url is not None and (result.waiting or result.overflowed):
        raise click.exceptions.Exit(EXIT_DIFFERS)


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


def _report(
    options: SessionOptions, result: SessionResult, skipped: dict[str, object], *, as_json: bool
) -> None:
    counts = result.counts
    answers = {str(status or "none"): count for status, count in sorted_answers(counts)}
    if as_json:
        terminal.print_json(
            {
                "device_id": options.config.device_id,
                "events": dict(sorted(counts.events.items())),
                "events_total": sum(counts.events.values()),
                "answers": answers,
                "waiting": result.waiting,
                "quarantined": result.quarantined,
                "overflowed": result.overflowed,
                "input": skipped,
            }
        )
        return
    screen = terminal.out()
    rows = [*sorted(counts.events.items()), ("all", sum(counts.events.values()))]
    screen.print(terminal.table(f"{options.config.device_id} logged", ("event", "count"), rows))
    if options.url:
        screen.print(terminal.table("the ingest answered", ("status", "batches"), answers.items()))
    written = (options.out, "recording"), (options.events, "events"), (options.flash, "flash")
    for path, what in written:
        if path is not None:
            screen.print(f"{what}: {path}", markup=False, soft_wrap=True)
    _report_what_is_left(options, result)


def _report_what_is_left(options: SessionOptions, result: SessionResult) -> None:
    if result.quarantined:
        _note(f"{counted(result.quarantined, 'event is', 'events are')} refused and in quarantine")
    if result.overflowed:
        _note(
            f"{counted(result.overflowed, 'event was', 'events were')} dropped: the queue was full"
        )
    if result.waiting and options.url:
        why = f" ({result.trouble})" if result.trouble else ""
        keep = (
            f"they wait in {options.flash}: run the same command again"
            if options.flash
            else "they are lost; with --flash FILE they would wait for the next run"
        )
        left = counted(result.waiting, "event was", "events were")
        _note(f"{options.url}{why}: {left} not delivered; {keep}")


def _note(text: str) -> None:
    terminal.err().print(text, markup=False, soft_wrap=True)
