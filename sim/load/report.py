"""How `badge load` speaks: the live table, the closing table, the rates that were tried."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from badge.cli import terminal
from sim.load.counts import LoadCounts


class Tell(Protocol):
    """Shows how it goes."""

    def __call__(self, counts: LoadCounts) -> None:
        """Show the counts so far."""


def tables(title: str, counts: LoadCounts) -> RenderableType:
    """Give latencies and outcomes, within 80 columns."""
    figures = counts.document()
    latency = [
        (f"{name} %" if name != "mean" else "mean", f"{value:,.3f}")
        for name, value in figures["latency_ms"].items()
    ]
    rows: list[tuple[str, object]] = list(figures["outcomes"].items())
    if counts.unsent:
        rows.append(("due, and no connection was free", counts.unsent))
    waiting = counts.sent - counts.answered
    line = (
        f"{counts.seconds:.1f} s: {figures['requests_per_s']:,.1f} answers/s, "
        f"{figures['events_per_s']:,.0f} events/s; {counts.sent:,} sent, "
        f"{max(waiting, 0):,} without an answer"
    )
    if counts.limited:
        line += "\nthe core of this generator was full: the backend may take more than this"
    return Group(
        terminal.table(title, ("latency", "ms from when it was due"), latency),
        "",
        terminal.table("", ("outcome", "requests"), rows),
        "",
        Text(terminal.plain(line)),
    )


@contextmanager
def live(title: str) -> Iterator[Tell]:
    """Show a table that goes on, on a terminal; else nothing."""
    if not sys.stderr.isatty():
        yield lambda counts: None
        return
    with Live(console=terminal.err(), transient=True, auto_refresh=False) as screen:
        yield lambda counts: screen.update(tables(title, counts), refresh=True)


def print_tables(title: str, counts: LoadCounts) -> None:
    """Print the closing tables."""
    terminal.out().print(tables(title, counts))


def probe_row(rate_per_s: float, counts: LoadCounts, *, holds: bool) -> tuple[str, ...]:
    """Give the row of a rate that was tried."""
    figures = counts.document()
    return (
        f"{rate_per_s:,.1f}",
        f"{figures['requests_per_s']:,.1f}",
        f"{figures['latency_ms']['50']:,.2f}",
        f"{figures['latency_ms']['99']:,.2f}",
        str(figures["failed"]),
        "holds" if holds else "does not",
    )


PROBE_HEADINGS = ("due/s", "answers/s", "50 % ms", "99 % ms", "failed", "")


def print_probes(title: str, rows: Sequence[tuple[str, ...]]) -> None:
    """Print all rates that were tried, in the order of trying."""
    terminal.out().print(terminal.table(title, PROBE_HEADINGS, rows))


def probe_document(rate_per_s: float, counts: LoadCounts, *, holds: bool) -> dict[str, Any]:
    """Give it for machines."""
    return {"rate_per_s": round(rate_per_s, 3), "holds": holds, **counts.document()}
