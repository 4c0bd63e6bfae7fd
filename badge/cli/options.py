"""Kinds of options that several commands have."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import click

from badge.host.telemetry.watch import TELEMETRY
from badge.words import near

_VALUE = re.compile(r"(.*?) is (?:not|no) ", re.DOTALL)


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


def in_words(error: click.ClickException) -> click.ClickException:
    """Tell a value that its option does not take with what may stand there, of every command."""
    kind = getattr(getattr(error, "param", None), "type", None)
    found = _VALUE.match(error.message)
    if found is None or not isinstance(error, click.BadParameter):
        return error
    given = found[1]
    if isinstance(kind, click.Choice):
        words = [str(one) for one in kind.choices]
        either = " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
        told = f"{given}: choose {either}{near(given.strip(chr(39)), words)}"
    elif isinstance(kind, click.types.IntParamType | click.types.FloatParamType):
        told = f"{given}: write {_numbers(kind)}"
    else:
        return error
    return click.BadParameter(told, error.ctx, error.param, error.param_hint)


def _numbers(kind: click.ParamType[Any]) -> str:
    """Say which numbers an option takes: `a number above 0 and at most 24`."""
    noun = "a whole number" if isinstance(kind, click.types.IntParamType) else "a number"
    low, high = (_plain(getattr(kind, side, None)) for side in ("min", "max"))
    above_low, below_high = getattr(kind, "min_open", False), getattr(kind, "max_open", False)
    if low and high and not above_low and not below_high:
        return f"{noun} from {low} to {high}"
    above = low and (f"above {low}" if above_low else f"from {low} on")
    below = high and (f"below {high}" if below_high else f"at most {high}")
    return f"{noun} {' and '.join(filter(None, (above, below)))}".rstrip()


def _plain(bound: float | None) -> str:
    whole = isinstance(bound, float) and bound.is_integer()
    return "" if bound is None else str(int(bound) if whole else bound)


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
