"""`python -m tests.fuzz.run [READER…]`: changed inputs for every reader, and what broke.

Each input follows from the seed, the reader's name and its number alone.  Exit codes: 0 every
input was read or refused, 1 something was found, with the command that makes it again.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from tests.fuzz.readers import READERS
from tests.fuzz.worker import Done, Finding, Job, is_there, made, readers, work

SILENCE_S = 120.0  # of the clock, without a new input: it waits for something that never comes
Told = Finding | Done


@dataclass
class Outcome:
    """What came of all inputs: counts by reader, and every finding."""

    tell: Callable[[Told], None]
    read: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def take(self, told: Told) -> None:
        """Take what a worker tells."""
        self.tell(told)
        if isinstance(told, Finding):
            self.findings.append(told)
        else:
            self.read[told.reader] += told.read
            self.refused[told.reader] += told.refused


def fuzz(
    names: Sequence[str],
    inputs: int,
    seed: int,
    tell: Callable[[Told], None] = lambda told: None,
    *,
    table: str = "tests.fuzz.readers",
) -> Outcome:
    """Run the inputs of these readers; after a worker that ends or falls silent comes another."""
    outcome = Outcome(tell)
    known = readers(table)
    counts = {name: max(1, inputs // known[name].heavy) for name in names}
    jobs = [Job(name, seed, 0, count, table) for name, count in counts.items()]
    while jobs:
        jobs = _until_it_ends(jobs, outcome)
    return outcome


def _until_it_ends(jobs: list[Job], outcome: Outcome) -> list[Job]:
    """Let one worker work; return what is left when it has ended before its time."""
    context = multiprocessing.get_context("spawn")
    at = context.Array("q", [0, jobs[0].first], lock=False)
    ours, its = context.Pipe(duplex=False)
    worker = context.Process(target=work, args=(jobs, its, at), daemon=True)
    worker.start()
    its.close()
    why = ""
    seen, since_s = (-1, -1), time.monotonic()
    while not why:
        if ours.poll(1.0):
            try:
                told = ours.recv()
            except EOFError:
                worker.join()
                why = f"the process ended with {worker.exitcode}"
                break
            if told is None:
                worker.join()
                return []
            outcome.take(told)
        if (now := (at[0], at[1])) != seen:
            seen, since_s = now, time.monotonic()
        elif time.monotonic() - since_s > SILENCE_S:
            why = f"nothing for {SILENCE_S:g} s"
    worker.kill()
    worker.join()
    place, number = at[0], at[1]
    outcome.take(Finding(jobs[place].name, number, why))
    rest = replace(jobs[place], first=number + 1)
    return [rest, *jobs[place + 1 :]] if rest.first < rest.stop else jobs[place + 1 :]


def repeated(name: str, seed: int, number: int) -> bytes:
    """Make an input again."""
    with TemporaryDirectory(prefix="fuzz-") as folder:
        return made(READERS[name], READERS[name].seeds(Path(folder)), seed, number)


@click.command()
@click.argument("names", nargs=-1, metavar="[READER]...")
@click.option("--inputs", type=click.IntRange(1), default=100_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--only", type=click.IntRange(0), help="Read this input alone, and say all of it.")
@click.option("--keep", type=click.Path(path_type=Path), help="Write the input of --only there.")
def main(
    names: tuple[str, ...], inputs: int, seed: int, only: int | None, keep: Path | None
) -> None:
    """Give changed inputs to the readers of foreign bytes, to all of them if none is named."""
    if unknown := set(names) - set(READERS):
        raise click.UsageError(f"{min(unknown)} is unknown; there are {', '.join(READERS)}")
    there = [name for name in names or READERS if is_there(READERS[name])]
    if only is not None:
        if len(there) != 1:
            raise click.UsageError("--only: name one reader")
        _one(there[0], seed, only, keep)
        return
    outcome = fuzz(there, inputs, seed, _row)
    for finding in _first_of_each(outcome.findings):
        what = f"\n{finding.reader}: {finding.what}\n{finding.trace}"
        click.echo(what.encode(errors="backslashreplace"), nl=False)
        click.echo(
            f"  python -m tests.fuzz.run {finding.reader} --seed {seed} --only {finding.number}"
        )
    absent = sorted(set(names or READERS) - set(there))
    click.echo(f"\n{len(there)} readers, {len(outcome.findings)} findings", nl=False)
    click.echo(f"; not installed: {', '.join(absent)}" if absent else "")
    sys.exit(1 if outcome.findings else 0)


def _first_of_each(findings: list[Finding]) -> list[Finding]:
    """One of those that end at the same place of the code."""
    places = {
        (one.reader, one.trace.rpartition("File ")[2].partition("Error:")[0]): one
        for one in reversed(findings)
    }
    return list(reversed(places.values()))


def _row(told: Told) -> None:
    if isinstance(told, Done):
        rate = (told.read + told.refused) / max(told.wall_s, 0.001)
        counts = f"{told.read:8,} read {told.refused:8,} refused {rate:8,.0f}/s"
        click.echo(f"{told.reader:22} {counts}")
    else:
        click.echo(
            f"{told.reader:22} input {told.number}: {told.what}".encode(errors="backslashreplace")
        )


def _one(name: str, seed: int, number: int, keep: Path | None) -> None:
    content = repeated(name, seed, number)
    if keep is not None:
        keep.write_bytes(content)
    with TemporaryDirectory(prefix="fuzz-") as folder:
        reader = READERS[name]
        reader.seeds(Path(folder))
        try:
            click.echo(repr(reader.open(Path(folder))(content))[:2000])
        except reader.refusals as error:
            click.echo(f"refused: {str(error)[:2000]!a}")


if __name__ == "__main__":
    main()
