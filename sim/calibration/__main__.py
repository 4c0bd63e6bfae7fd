"""`python -m sim.calibration`: fit the bodies, print the table of thirteen rows, draw each."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from badge.cli import terminal
from badge.errors import InputError
from badge.words import counted
from sim.calibration import bodies, table
from sim.calibration.statistics import Statistic


@click.command()
@click.option("--seeds", type=click.IntRange(2, 1000), default=table.SEEDS, show_default=True)
@click.option("--fast", is_flag=True, help=f"{table.FAST_SEEDS} seeds, and no fit.")
@click.option(
    "--recordings",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the extracts that docs/world.md names.",
)
@click.option("--pictures", type=click.Path(file_okay=False, path_type=Path), help="Draw there.")
@click.option("--markdown", is_flag=True, help="The table as Markdown.")
def main(
    seeds: int, fast: bool, recordings: Path | None, pictures: Path | None, markdown: bool
) -> None:
    """Hold the world against what others measured; exit code 1 when a statistic falls short."""
    seeds = table.FAST_SEEDS if fast else seeds
    try:
        findings = table.find(seeds, recordings, _tell)
    except InputError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    if markdown:
        click.echo(table.text_of(findings), nl=False)
    else:
        rows = [(*row[:2], *row[4:]) for row in table.rows_of(findings)]
        screen = terminal.out()
        screen.print(terminal.table("", ("", "statistic", *table.HEADINGS[4:]), rows))
    if not fast:
        for env, wanted_db in bodies.TARGETS_DB:
            body_db = bodies.body_for(env, wanted_db, seeds)
            click.echo(
                f"{env.name}: {wanted_db} dB front to back asks for a body of {body_db} dB; "
                f"the world has {env.body_db:g}"
            )
    if pictures is not None:
        drawn = table.draw(findings, pictures)
        click.echo(f"{pictures}: {counted(len(drawn), 'picture')}")
    short = [one.statistic.name for one in findings if not one.holds]
    click.echo(f"{len(findings) - len(short)} of {len(findings)} hold")
    sys.exit(1 if short else 0)


def _tell(statistic: Statistic) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{statistic.row:2} {statistic.name:40}", err=True, nl=False)


if __name__ == "__main__":
    main()
