"""Kinds of options that several commands have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import click

from badge.host.telemetry.watch import TELEMETRY


class Finite(click.FloatRange):
    """A number within bounds that is one: NaN is below and above nothing, so no bound stops it."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read it, or say what it must be."""
        number: float = super().convert(value, param, ctx)
        if not isfinite(number):
            self.fail(f"{value!r} is no number", param, ctx)
        return number


class RenamedOption(click.Option):
    """An option that had other names before: they go on, and no help shows them."""

    def __init__(self, *arguments: Any, old_names: Sequence[str] = (), **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.old_names = tuple(old_names)

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """Let the parser know all of them."""
        shown, self.opts = self.opts, [*self.opts, *self.old_names]
        try:
            super().add_to_parser(parser, ctx)
        finally:
            self.opts = shown


def destination(argument: Path | None, out: Path | None, what: str) -> Path:
    """Return where to write, of an argument and --out the one that was given."""
    found = argument if out is None else out
    if found is None:
        raise click.UsageError(f"Missing argument '{what}'; or --out {what}")
    if argument is not None and out is not None:
        raise click.UsageError(f"{what} and --out: give one of the two")
    return found


def _say(text: str) -> None:
    from badge.cli import terminal

    terminal.say(text, err=True)


def telemetry_option(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command `--telemetry URL`: what it tells is sent until it ends."""

    def watch(context: click.Context, _: click.Parameter, address: str | None) -> None:
        if not context.resilient_parsing:
            watching = TELEMETRY.of_command(context.info_name or "", address, _say)
            context.with_resource(watching)

    return click.option(
        "--telemetry",
        metavar="URL",
        expose_value=False,
        callback=watch,
        help="Send traces and metrics by OTLP, e.g. to http://127.0.0.1:4318.",
    )(command)
