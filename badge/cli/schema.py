"""``badge schema``: the contract in the formats that other tools read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from badge.cli.commands import PLATFORM_SCHEMA, load
from badge.config import config_schema
from badge.host.files import write_whole


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
@click.option("--platform", metavar="NAME", help="Another platform's webhooks, e.g. peridio.")
@click.option("--profile", metavar="NAME", help="With --platform: one of its profiles.")
@click.option("--evidence", is_flag=True, help="With --platform: how sure each type is known.")
@click.option("--config", "of_config", is_flag=True, help="The schema of a device_config.json.")
def schema(
    form: str,
    out: Path | None,
    platform: str | None,
    profile: str | None,
    evidence: bool,
    of_config: bool,
) -> None:
    """Write the contract as JSON Schema or AsyncAPI.

    The JSON Schema accepts a batch or one event; to refer to one of them use its
    #/$defs/Batch or #/$defs/Event.
    """
    if platform is None and (profile is not None or evidence):
        raise click.UsageError("--profile and --evidence go with --platform")
    if of_config and (platform is not None or form != "json-schema"):
        raise click.UsageError("--config is a JSON Schema of its own; write it alone")
    if of_config:
        document = config_schema()
    elif platform is None:
        document = _contract(form)
    else:
        document = _foreign(form, platform, profile, evidence)
    text = json.dumps(document, indent=2) + "\n"
    if out is None:
        click.echo(text, nl=False)
    else:
        write_whole(out, text.encode())


def _contract(form: str) -> dict[str, Any]:
    from badge.contract.asyncapi import asyncapi_document
    from badge.contract.json_schema import json_schema_document

    return asyncapi_document() if form == "asyncapi" else json_schema_document()


def _foreign(form: str, platform: str, profile: str | None, evidence: bool) -> dict[str, Any]:
    document: dict[str, Any] = load(PLATFORM_SCHEMA)(platform, form, profile, evidence=evidence)
    return document
