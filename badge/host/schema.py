"""``badge schema``: the contract in the formats that other tools read."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["json-schema", "asyncapi"]),
    default="json-schema",
    show_default=True,
    help="JSON Schema 2020-12, or an AsyncAPI 3.0 document.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write to FILE instead of standard output.",
)
def schema(form: str, out: Path | None) -> None:
    """Write the contract as JSON Schema or AsyncAPI.

    The JSON Schema accepts a batch or one event; to refer to one of them use its
    #/$defs/Batch or #/$defs/Event.
    """
    from badge.asyncapi import asyncapi
    from badge.json_schema import json_schema

    document = asyncapi() if form == "asyncapi" else json_schema()
    text = json.dumps(document, indent=2) + "\n"
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
