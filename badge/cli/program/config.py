"""`badge config`: every setting that commands share, and where it comes from."""

from __future__ import annotations

import os

import click

from badge.cli import terminal
from badge.cli.settings import here, told


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The same as one JSON object.")
def config(as_json: bool) -> None:
    """Show every setting that commands share, its value, and where it comes from.

    \b
    The first that says something counts:
        the command line        badge simulate --seed 7
        the environment         BADGE_SEED=7
        badge.toml              seed = 7, or in a table [simulate]
        pyproject.toml          the same under [tool.badge]
        the default

    The file is that of this folder, or of the nearest one above that has one.  Any option of a
    command may stand in the command's table; `badge COMMAND --help` names them.

    Exit codes: 0 done; 2 a file that cannot be read, or a key that is none.
    """
    rows = list(told(here(), os.environ))
    if as_json:
        terminal.print_json({name: {"value": v, "from": o} for name, v, o in rows})
        return
    terminal.out().print(terminal.table("", ("setting", "value", "from"), rows))
