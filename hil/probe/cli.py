"""`badge probe`: what is attached, in one table."""

from __future__ import annotations

from dataclasses import asdict

import click

from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS


@click.command()
@click.option("--notecard", "asked", multiple=True, metavar="PORT", help="Ask here too.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def probe(asked: tuple[str, ...], as_json: bool) -> None:
    """Find Notecards, ports and radios, and describe them; no setting is changed.

    Only ports with a Notecard's USB number are spoken to, and those named with --notecard.
    Exit code 1: a port named there has no card that answers.
    """
    from hil.probe.probe import probe as look

    found = look(asked)
    if as_json:
        terminal.print_json([asdict(one) for one in found])
    elif not found:
        terminal.out().print("nothing is attached: no serial port, no I2C bus, no radio")
    else:
        rows = [(one.kind, one.name, one.what, one.state) for one in found]
        terminal.out().print(terminal.table("", ("", "name it", "what it is", "state"), rows))
    if any(not one.ok for one in found if one.name in asked):
        raise click.exceptions.Exit(EXIT_DIFFERS)
