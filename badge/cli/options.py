"""Kinds of options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
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
