"""`badge demo --one`: a shift of one badge into an ingest of its own, and the check afterwards."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click

from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS
from badge.config import BadgeConfig
from sim.record.session import SessionOptions, SessionResult, run_session, sorted_answers
from sim.sources.open import read_adverts, read_track

_INPUT = Path(__file__).parent / "input"
_DEVICE_ID = "ACT-3F8A21B4"


@dataclass(frozen=True, slots=True)
class Stored:
    """What the ingest holds in the end, and how often it was offered something again."""

    accepted: int
    duplicates: int
    numbers: tuple[int, ...]


def run_one(folder: Path, view: Path | None = None, *, as_json: bool) -> None:
    """Run a landscaper's shift into an empty folder; it needs nothing but the base install.

    Its picture, `view`, needs the extra of that name.  Ends with exit code 1 if an event is
    missing in the ingest.
    """
    result, stored = _run(folder)
    lost = sorted(set(result.counts.numbers) - set(stored.numbers))
    if view is not None:
        from sim.view.keep import keep_recordings

        keep_recordings([folder / "shift.ndjson"], view)
    if as_json:
        terminal.print_json(_document(result, stored, lost))
    else:
        _print(folder, result, stored, lost)
    if lost:
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _run(folder: Path) -> tuple[SessionResult, Stored]:
    from sim.ingest.launch import launch_ingest
    from sim.ingest.store.sqlite import SqliteStore

    adverts = read_adverts(_INPUT / "shift.csv")
    config = BadgeConfig(device_id=_DEVICE_ID, known_equipment_tags=list(adverts.macs))
    with launch_ingest(SqliteStore(folder / "ingest.db")) as server:
        options = SessionOptions(
            config,
            read_track(_INPUT / "shift.gpx"),
            adverts,
            worker_id="W-007",
            out=folder / "shift.ndjson",
            events=folder / "events.ndjson",
            flash=folder / "badge.flash",
            url=server.url,
        )
        with terminal.progress() as bar:
            task = bar.add_task("driving", total=1, word="")
            result = run_session(
                options, lambda now, end: bar.update(task, completed=now, total=max(end, 1))
            )
        kept = server.store.counts()
    return result, Stored(kept.events, kept.duplicates, _numbers(folder / "ingest.db"))


def _numbers(path: Path) -> tuple[int, ...]:
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT sequence_number FROM raw_events ORDER BY 1")
        return tuple(number for (number,) in rows)


def _document(result: SessionResult, stored: Stored, lost: list[int]) -> dict[str, object]:
    return {
        "events": dict(sorted(result.counts.events.items())),
        "batches": sum(result.counts.answers.values()),
        "accepted": stored.accepted,
        "duplicates": stored.duplicates,
        "lost": lost,
    }


def _print(folder: Path, result: SessionResult, stored: Stored, lost: list[int]) -> None:
    counts, screen = result.counts, terminal.out()
    rows = [*sorted(counts.events.items()), ("all", sum(counts.events.values()))]
    screen.print(terminal.table(f"{_DEVICE_ID}, one shift of W-007", ("event", "logged"), rows))
    answers = ", ".join(f"{count} × {status}" for status, count in sorted_answers(counts))
    screen.print(f"\nbatches     {answers}")
    screen.print(f"accepted    {stored.accepted}")
    screen.print(f"duplicates  {stored.duplicates}")
    screen.print(f"lost        {len(lost)}", style="bold red" if lost else "bold green")
    for line in (
        f"\nin {folder}/: shift.ndjson (recording), events.ndjson, ingest.db, badge.flash",
        f"next: badge replay {folder}/shift.ndjson",
        f"      badge view {folder}/shift.ndjson",
    ):
        screen.print(line, markup=False, soft_wrap=True)
