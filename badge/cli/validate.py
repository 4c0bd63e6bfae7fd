"""``badge validate``: judge files of events, and say what is wrong where."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import click

from badge.cli.commands import PLATFORM_JUDGE, load
from badge.cli.exits import EXIT_DIFFERS
from badge.contract.documents import Document, documents
from badge.contract.events import BATCH_EVENTS_LIMIT
from badge.contract.validation import batch_fault, decode, judge, unwrap
from badge.errors import InputError
from badge.words import counted

_PROGRESS_BYTES = 32 << 20  # takes a second or two


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong in a file: `line` of an NDJSON file, `event` of the document, both from 1."""

    file: str
    line: int | None
    event: int | None
    sequence_number: int | None
    path: str
    reason: str

    def __str__(self) -> str:
        line = "" if self.line is None else f"{self.line}:"
        event = "" if self.event is None else f"event {self.event}"
        number = "" if self.sequence_number is None else f" (sequence {self.sequence_number})"
        return f"{self.file}:{line}{event}{number}{': ' if event else ' '}{self.reason}"


@dataclass(slots=True)
class Totals:
    """What was read so far."""

    files: int = 0
    documents: int = 0
    events: int = 0
    faults: int = 0


Judge = Callable[[str, Document, Totals], Iterator[Finding]]


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per fault, then the totals.")
@click.option("--platform", metavar="NAME", help="Webhooks of another platform, e.g. peridio.")
@click.option("--profile", metavar="NAME", help="With --platform: one of its profiles.")
def validate(
    files: tuple[str, ...], as_json: bool, platform: str | None, profile: str | None
) -> None:
    """Check events and batches against the contract.

    Each FILE holds a JSON batch, one event, what a Notehub route posts, or one of these per line
    (NDJSON); - or nothing reads standard input.  Every fault is a line on standard output:

    \b
        FILE:event 3 (sequence 1043): payload.lat: must be ...
        FILE:12:event 1 (sequence 7): ...     line 12 of an NDJSON file

    Exit code: 0 no fault, 1 faults, 2 a file that cannot be read.
    """
    if profile is not None and platform is None:
        raise click.UsageError("--profile goes with --platform")
    totals = Totals()
    judged = _contract_findings if platform is None else _foreign(platform, profile)
    for file in files or ("-",):
        totals.files += 1
        for finding in _file_findings(file, totals, judged):
            totals.faults += 1
            click.echo(json.dumps(asdict(finding)) if as_json else str(finding))
    _conclude(totals, as_json)
    if totals.faults:
        sys.exit(EXIT_DIFFERS)


def _conclude(totals: Totals, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(totals)))
    elif totals.faults:
        click.echo(f"{counted(totals.faults, 'fault')} in {_extent(totals)}", err=True)
    else:
        click.echo(f"no fault in {_extent(totals)}")


def _extent(totals: Totals) -> str:
    places = [counted(totals.events, "event"), counted(totals.documents, "document")]
    return ", ".join([*places, counted(totals.files, "file")])


def _file_findings(file: str, totals: Totals, judged: Judge) -> Iterator[Finding]:
    name = "stdin" if file == "-" else click.format_filename(file)
    before = totals.documents
    with _opened(file, name) as stream:
        try:
            for document in documents(stream):
                totals.documents += 1
                yield from judged(name, document, totals)
        except InputError as error:
            raise InputError(f"{name}: {error}") from None
    if totals.documents == before:
        yield Finding(name, None, None, None, "", "is empty: there is no event in it")


def _contract_findings(name: str, document: Document, totals: Totals) -> Iterator[Finding]:
    try:
        events = unwrap(decode(document.raw))
    except InputError as error:
        # A document on a line of its own is line 1 to the JSON reader.
        reason = str(error) if document.line is None else str(error).replace("line 1 ", "")
        yield Finding(name, document.line, None, None, "", reason)
        return
    totals.events += len(events)
    yield from _events_findings(name, document.line, events)


def _foreign(platform: str, profile: str | None) -> Judge:
    validate_body = load(PLATFORM_JUDGE)

    def findings(name: str, document: Document, totals: Totals) -> Iterator[Finding]:
        totals.events += _posted(document.raw)
        for fault in validate_body(platform, document.raw, profile):
            reason = f"{fault.path}: {fault.message}" if fault.path else fault.message
            yield Finding(name, document.line, None, None, fault.path, reason)

    return findings


def _posted(raw: bytes) -> int:
    """Return how many events a post of another platform carries: an array holds several."""
    try:
        body = decode(raw)
    except InputError:
        return 1  # one, and no JSON
    return len(body) if isinstance(body, list) else 1


def _events_findings(name: str, line: int | None, events: list[Any]) -> Iterator[Finding]:
    if (reason := batch_fault(events)) is not None:
        yield Finding(name, line, None, None, "", reason)
    # In slices, so that the faults of a hostile document need not be held all at once.
    for start in range(0, len(events), BATCH_EVENTS_LIMIT):
        for fault in judge(events[start : start + BATCH_EVENTS_LIMIT]).faults:
            number = start + fault.index + 1
            yield Finding(name, line, number, fault.sequence_number, fault.path, fault.reason)


@contextmanager
def _opened(file: str, name: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield _stdin()
        return
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(Path(file).open("rb"))
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise InputError(f"{name}: {reason}; name a readable file, or - for stdin") from None
        yield stack.enter_context(_shown(stream, Path(file).stat().st_size))


def _stdin() -> BinaryIO:
    if sys.stdin is None:
        raise InputError("stdin: is closed; name a file")
    if sys.stdin.isatty():
        click.echo("badge: reading events from the terminal; Ctrl-D ends them", err=True)
    return sys.stdin.buffer


@contextmanager
def _shown(stream: BinaryIO, size_bytes: int) -> Iterator[BinaryIO]:
    """Show how far reading is, on a terminal and if it takes a while."""
    if size_bytes < _PROGRESS_BYTES or not sys.stderr.isatty():
        yield stream
        return
    from rich.console import Console
    from rich.progress import wrap_file

    console = Console(stderr=True)
    with wrap_file(stream, size_bytes, description="", console=console, transient=True) as watched:
        yield watched
