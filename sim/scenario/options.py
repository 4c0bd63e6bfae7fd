"""What the commands ask of a scenario, said once: `simulate` does what `check` has planned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from badge.cli.options import Finite

_ON_START = (
    "When it begins: 2026-03-14T06:30:00Z, or by each site's clock 2026-03-14 (midnight) or "
    "2026-03-14T06:30."
)


def parameter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--badges`, `--hours`, `--seed`, `--start`, as `parameters_of` takes them."""
    for option in (
        click.option("--start", metavar="TIME", help=_ON_START),
        click.option(
            "--seed", type=click.IntRange(0, 2**63 - 1), help="Another seed, another day."
        ),
        click.option("--hours", type=Finite(0.0, 24 * 366, min_open=True), help="How long."),
        click.option(
            "--badges", type=click.IntRange(1, 10_000_000), help="How many; the crews repeat."
        ),
    ):
        command = option(command)
    return command
