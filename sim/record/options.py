"""The options of every command that takes a recorded walk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., object])


class MomentType(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on
    """A moment in ISO 8601 (UTC without a zone), or a time of day as HH:MM[:SS]."""

    name = "MOMENT"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime | time:
        """The moment or time of day; a click error in one sentence for anything else."""
        if isinstance(value, datetime | time):
            return value
        for kind in (time, datetime):
            try:
                return kind.fromisoformat(str(value))
            except ValueError:
                continue
        return self.fail(f"{value!r} is no moment; write 10:30 or 2026-03-14T10:30:00Z", param, ctx)


class DayType(click.ParamType):  # type: ignore[type-arg]  # as above
    """A day as YYYY-MM-DD."""

    name = "DATE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """The day; a click error in one sentence for anything else."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            return self.fail(f"{value!r} is no day; write it as 2026-03-14", param, ctx)


_OPTIONS = (
    click.option("--outing", type=click.IntRange(min=1), help="Which walk of several, from 1."),
    click.option("--from", "begin", type=MomentType(), help="Leave out what is before."),
    click.option("--until", "end", type=MomentType(), help="Leave out what is behind."),
    click.option("--through-gaps", is_flag=True, help="Drive on through gaps over six hours."),
    click.option(
        "--date", "day", type=DayType(), help="Of an NMEA log without a date: its first day."
    ),
)


def track_options(command: _Command) -> _Command:
    """Give a command the options `outing`, `begin`, `end`, `through_gaps` and `day`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
