"""`badge mcp`: this program's commands as tools of the Model Context Protocol."""

from __future__ import annotations

from pathlib import Path

import click

from badge.cli.options import Finite
from badge.errors import InputError
from badge.extras import require


@click.command()
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    metavar="HOST",
    help="Let simulate and conform reach this host, too; else this computer alone.",
)
@click.option(
    "--seconds",
    type=Finite(1, 86_400),
    default=300.0,
    show_default=True,
    help="How long a call may take.",
)
def mcp(hosts: tuple[str, ...], seconds: float) -> None:
    """Offer commands as tools to a client of the Model Context Protocol, over stdin and stdout.

    The tools list scenarios, simulate, validate, judge, explain and conform; each answers with
    what the command prints with --json.  They read and write in the folder where this is started,
    and nowhere else, start no program, and reach this computer alone.  It ends with its client.

    Exit codes: 0 the client is gone; 2 wrong usage, or no client; 130 interrupted.
    """
    require("mcp", what="badge mcp")
    given = click.get_current_context().get_parameter_source("hosts")
    if given is click.core.ParameterSource.DEFAULT_MAP:
        raise InputError(
            "allow-host in badge.toml: the folder may be a stranger's; say --allow-host where "
            "badge mcp is started"
        )
    from badge.cli.mcp.rule import rule_of
    from badge.cli.mcp.server import serve

    serve(rule_of(Path.cwd(), hosts), seconds)
