"""`badge demo --one`: a shift of one badge into the embedded ingest, and the check afterwards."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click

from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS
from badge.config import BadgeConfig
from sim.record.cli import Job, Outcome, run, sorted_answers
from sim.sources.open import read_adverts, read_track

_INPUT = Path(__file__).parent / "input"
_DEVICE_ID = "ACT-3F8A21B4"


@dataclass(frozen=True, slots=True)
class Stored:
    """What the ingest holds in the end, and how often it was offered something again."""

    accepted: int
    duplicates: int
    numbers: tuple[int, ...]


def run_one(folder: Path, *, as_json: bool) -> None:
    """Run a landscaper's shift into an empty folder; it needs nothing but the base install.

    Ends with exit code 1 if an event is missing in the ingest.
    """
    outcome, stored = _run(folder)
    lost = sorted(set(outcome.tally.numbers) - set(stored.numbers))
    if as_json:
        terminal.print_json(_document(outcome, stored, lost))
    else:
        _print(folder, outcome, stored, lost)
    if lost:
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _run(folder: Path) -> tuple[Outcome, Stored]:
    from sim.ingest.launch import launch_ingest
    from sim.ingest.store.sqlite import SqliteStore

    adverts = read_adverts(_INPUT / "shift.csv")
    config = BadgeConfig(device_id=_DEVICE_ID, known_equipment_tags=list(adverts.macs))
    with launch_ingest(SqliteStore(folder / "ingest.db")) as server:
        job = Job(
            config,
            read_track(_INPUT / "shift.gpx"),
            adverts,
            worker_id="W-007",
            out=folder / "shift.ndjson",
            events=folder / "events.ndjson",
            flash=folder / "badge.flash",
            url=server.url,
        )
        outcome = run(job)
        counts = server.store.counts()
    return outcome, Stored(counts.events, counts.duplicates, _numbers(folder / "ingest.db"))


def _numbers(path: Path) -> tuple[int, ...]:
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT sequence_number FROM raw_events ORDER BY 1")
        return tuple(number for (number,) in rows)


def _document(outcome: Outcome, stored: Stored, lost: list[int]) -> dict[str, object]:
    return {
        "events": dict(sorted(outcome.tally.events.items())),
        "batches": sum(outcome.tally.answers.values()),
        "accepted": stored.accepted,
        "duplicates": stored.duplicates,
        "lost": lost,
    }


def _print(folder: Path, outcome: Outcome, stored: Stored, lost: list[int]) -> None:
    tally, screen = outcome.tally, terminal.out()
    rows = [*sorted(tally.events.items()), ("all", sum(tally.events.values()))]
    screen.print(terminal.table(f"{_DEVICE_ID}, one shift of W-007", ("event", "logged"), rows))
    answers = ", ".join(f"{count} × {status}" for status, count in sorted_answers(tally))
    screen.print(f"\nbatches     {answers}")
    screen.print(f"accepted    {stored.accepted}")
    screen.print(f"duplicates  {stored.duplicates}")
    screen.print(f"lost        {len(lost)}", style="bold red" if lost else "bold green")
    for line in (
        f"\nin {folder}/: shift.ndjson (recording), events.ndjson, ingest.db, badge.flash",
        f"next: badge replay {folder}/shift.ndjson",
    ):
        screen.print(line, markup=False, soft_wrap=True)
