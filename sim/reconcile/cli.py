"""The command `badge reconcile`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import click
from pydantic_core import to_json

from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS
from badge.cli.options import Finite
from badge.errors import InputError
from badge.words import counted

if TYPE_CHECKING:
    from sim.reconcile.reconciliation import Reconciled

_PATH = click.Path(path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)
_ROWS_A_STEP = 4096


@click.command()
@click.argument("logged", type=_PATH, metavar="RUN_DIR|FILE")
@click.option("--against", "address", required=True, metavar="STORE", help="See above.")
@click.option("--table", "tables", multiple=True, metavar="[OURS=]NAME", help="Their table.")
@click.option("--column", "columns", multiple=True, metavar="OURS=THEIRS", help="Their column.")
@click.option("--order-by", metavar="COLUMN", help="Grows with each insertion, e.g. id.")
@click.option("--by-number", is_flag=True, help="Two files of events: as any store, by numbers.")
@click.option("--differences", "file", type=_FILE, help="All differences, a JSON object a line.")
@click.option(
    "--examples",
    "limit",
    type=click.IntRange(0),
    default=5,
    show_default=True,
    help="Differences of each kind that are shown.",
)
@click.option(
    "--at-least",
    type=Finite(0, 1),
    metavar="RATIO",
    help="Exit 1 if a precision or recall is below, e.g. 0.95.",
)
@click.option("--json", "as_json", is_flag=True, help="The outcome as one JSON object.")
def reconcile(
    logged: Path,
    address: str,
    tables: tuple[str, ...],
    columns: tuple[str, ...],
    order_by: str | None,
    by_number: bool,
    file: Path | None,
    limit: int,
    at_least: float | None,
    as_json: bool,
) -> None:
    """Compare what a backend holds with what was logged.

    RUN_DIR is the folder of a badge simulate run; a FILE of logged events (badge record --events)
    will do, all of them are expected then; where STORE is such a file too, both are aligned as
    badge replay does, and shown side by side.  A data set's folder is compared part by part, with a
    file or a folder of them in its own format, Parquet or NDJSON.  STORE is

    \b
        events.ndjson, events.parquet    a file, a row an event
        sqlite:///FILE                   four slashes for an absolute path
        duckdb:///FILE                   or just its path
        postgresql://USER@HOST/DATABASE  PGPASSWORD or ~/.pgpass hold the password
        mysql://USER:PASSWORD@HOST/DATABASE, or another URL of SQLAlchemy

    \b
    Our tables and columns; --table and --column say what they are called there:
        raw_events        device_id sequence_number event_type event_timestamp
                          payload [firmware_version]
        canonical_events  device_id sequence_number [parcel_id] [worker_id]
        work_sessions     worker_id parcel_id start end

    The last two are judged if they are there and a RUN_DIR tells the truth about them: precision,
    recall, minutes off.  Of a store in files, they are files: --table work_sessions=FILE.

    Exit code: 0 clean, 1 differences, 2 bad input.
    """
    from badge.host.files import refuse_overwriting
    from sim.reconcile.aligned import are_events
    from sim.reconcile.dataset_parts import is_dataset
    from sim.reconcile.examples import Examples, open_sink
    from sim.reconcile.reconciliation import Reconciliation
    from sim.reconcile.report import document, print_report
    from sim.reconcile.scratch import scratch
    from sim.reconcile.stores.names import parse_names
    from sim.reconcile.stores.open import open_store
    from sim.reconcile.truth import read_truth

    refuse_overwriting(_inputs(logged, address, tables), [file])
    if is_dataset(logged):
        if tables or columns or order_by or at_least is not None:
            raise InputError(
                "of a data set only its events are compared: leave out --table, --column, "
                "--order-by and --at-least"
            )
        if "://" in address:
            raise InputError(
                f"--against {address.partition('://')[0]}://…: a data set is compared with files "
                "in its own format; export the store's events to Parquet or NDJSON, and name the "
                "file or its folder"
            )
        _reconcile_dataset(logged, Path(address), file, limit, as_json=as_json)
        return
    by_number = by_number or bool(tables or columns or order_by) or at_least is not None
    if not by_number and are_events(logged, Path(address)):
        _align(logged, Path(address), file, limit, as_json=as_json)
        return
    names, truth, examples = parse_names(tables, columns), read_truth(logged), Examples(limit)
    with (
        open_store(address) as store,
        scratch() as room,
        open_sink(examples, file) as told,
        _progress() as watch,
    ):
        job = Reconciliation(truth, store, names, room, told, watch, order_by)
        outcome = job.run()
        title = store.title
    for note in outcome.notes:
        click.echo(f"badge: {note}", err=True)
    if as_json:
        terminal.print_json(document(outcome, examples, title))
    else:
        print_report(terminal.out(), outcome, examples, title)
    short = _short_of(outcome, at_least)
    for words in short:
        click.echo(f"badge: {words}", err=True)
    if short or not outcome.is_clean:
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _align(logged: Path, held: Path, file: Path | None, limit: int, *, as_json: bool) -> None:
    """Compare two files of events side by side."""
    from badge.host.files import whole_file
    from sim.reconcile.aligned import align_files, document_of, text_of

    with terminal.err().status("comparing"):
        outcome = align_files(logged, held)
    if file is not None:
        with whole_file(file) as out:
            out.writelines(to_json(document_of(*one)) + b"\n" for one in outcome.found)
    shown = outcome.found[:limit]
    if as_json:
        terminal.print_json(
            {
                "clean": not outcome.found,
                "store": str(held),
                "expected": outcome.logged,
                "held": outcome.held,
                "differences": outcome.counts,
                "aligned": [document_of(*one) for one in shown],
            }
        )
    else:
        counts = ", ".join(f"{count:,} {kind}" for kind, count in outcome.counts.items())
        sizes = f"{counted(outcome.logged, 'event')} logged, {outcome.held:,} held"
        terminal.say(f"{sizes}: {counts if outcome.found else 'equal'}")
        for one in shown:
            terminal.say(text_of(*one, wide=terminal.out().width >= terminal.ROOM_FOR_MS))
        if len(outcome.found) > len(shown):
            terminal.say(f"… and {len(outcome.found) - len(shown):,} more")
    if outcome.found:
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _reconcile_dataset(
    folder: Path, store: Path, file: Path | None, limit: int, *, as_json: bool
) -> None:
    """Compare part by part; of those that differ each difference is told."""
    from sim.reconcile.dataset import DatasetReconciliation
    from sim.reconcile.examples import Examples, open_sink
    from sim.reconcile.reconciliation import Reconciliation
    from sim.reconcile.report import NO_ORDER_OF_PARTS, document, print_report
    from sim.reconcile.scratch import scratch
    from sim.reconcile.stores.names import parse_names
    from sim.reconcile.stores.open import open_store
    from sim.reconcile.truth import Truth

    examples, names = Examples(limit), parse_names((), ())
    with open_sink(examples, file) as told, scratch() as listed, terminal.progress() as bar:
        task = bar.add_task("parts", total=None, word="")

        def look_into(truth: Path, held: Path) -> Counter[str]:
            with open_store(str(held)) as opened, scratch() as room:
                job = Reconciliation(
                    Truth(truth, None), opened, names, room, told, lambda words, size, rows: rows
                )
                return job.run().counts

        ended = DatasetReconciliation(folder, store, listed, look_into).run(
            lambda n, of: bar.update(task, completed=n, total=of, word=f"{n}/{of}")
        )
    outcome = ended.whole()
    rate = ended.rows / max(ended.wall_s, 0.001)
    figures = {"parts": ended.parts, "differing": ended.differing, "rows_per_s": round(rate)}
    for note in outcome.notes:
        click.echo(f"badge: {note}", err=True)
    if as_json:
        terminal.print_json(document(outcome, examples, str(store)) | figures)
    else:
        print_report(terminal.out(), outcome, examples, str(store), NO_ORDER_OF_PARTS)
        rows, parts = counted(ended.rows, "row"), counted(ended.parts, "part")
        terminal.say(f"{rows} in {parts}, {rate:,.0f} rows/s")
    if not outcome.is_clean:
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _inputs(logged: Path, address: str, tables: tuple[str, ...]) -> Iterator[Path]:
    """Yield every file that is read: of a run's folder all, of a store in files its tables."""
    yield from logged.rglob("*") if logged.is_dir() else (logged,)
    scheme, mark, rest = address.partition("://")
    if not mark or scheme in ("sqlite", "duckdb"):
        yield Path(unquote(rest.removeprefix("/")) if mark else address)
    yield from (Path(table.rpartition("=")[2]) for table in tables)


def _short_of(outcome: Reconciled, at_least: float | None) -> list[str]:
    """Name the scores that fall short."""
    scores = outcome.scores()
    if at_least is not None and outcome.unjudged:
        tables = " and ".join(outcome.unjudged)
        raise InputError(f"--at-least: {tables} could not be judged; the note above says why")
    if at_least is not None and not scores:
        raise InputError(
            "--at-least: there is nothing to judge: it takes the folder of a run and a store with "
            "canonical_events or work_sessions"
        )
    return [
        f"--at-least {at_least:g}: the {side} of {name}s is {share:.4f}"
        for name, score in scores.items()
        for side, share in (("precision", score.precision), ("recall", score.recall))
        if at_least is not None and share is not None and share < at_least
    ]


@contextmanager
def _progress() -> Iterator[Callable[[str, int | None, Iterator[Any]], Iterator[Any]]]:
    """Show how many rows went by, on a terminal."""
    with terminal.progress() as bar:
        task = bar.add_task("", total=None, word="")

        def watch(words: str, size: int | None, rows: Iterator[Any]) -> Iterator[Any]:
            bar.reset(task, description=words, total=size)
            for count, row in enumerate(rows):
                if count % _ROWS_A_STEP == 0:
                    bar.update(task, completed=count, word=f"{count:,}")
                yield row

        yield watch
