"""What the terminal shows while the server runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sim.ingest.http.traffic import Traffic

if TYPE_CHECKING:
    from rich.table import Table

LIVE_PERIOD_S = 0.25
LINE_PERIOD_S = 5.0

Show = Callable[[], None]


@contextmanager
def progress(traffic: Traffic, *, quiet: bool, as_json: bool) -> Iterator[tuple[Show, float]]:
    """Yield what shows the counters, and how often to call it in seconds; shows the end itself.

    A table on a terminal, else a line whenever something has come, all on stderr: stdout has what
    says where the server is, and a program may read it to its end.
    """
    if quiet:
        yield _nothing, LINE_PERIOD_S
    elif as_json or not sys.stderr.isatty():
        lines = _Lines(traffic, as_json=as_json)
        try:
            yield lines.show_news, LINE_PERIOD_S
        finally:
            _tell_refusals(traffic, as_json=as_json)
            lines.show()
    else:
        try:
            with _live_table(traffic) as show:
                yield show, LIVE_PERIOD_S
        finally:
            _tell_refusals(traffic, as_json=False)


def _tell_refusals(traffic: Traffic, *, as_json: bool) -> None:
    """Say why what was refused was, if anything was."""
    if as_json and traffic.refusals.counts:
        print(json.dumps({"refused": traffic.refusals.rows()}), file=sys.stderr, flush=True)
    for line in () if as_json else traffic.refusals.lines():
        print(line, file=sys.stderr, flush=True)


@contextmanager
def _live_table(traffic: Traffic) -> Iterator[Show]:
    from rich.console import Console
    from rich.live import Live

    console, told = Console(stderr=True), _Refusals(traffic)
    with Live(console=console, auto_refresh=False) as live:

        def show() -> None:
            for line in told.new():
                console.print(line, markup=False, highlight=False, soft_wrap=True)
            live.update(_table(traffic), refresh=True)

        try:
            yield show
        finally:
            show()


class _Refusals:
    """What was turned away for the first time, each told once."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic, self._told = traffic, 0

    def new(self) -> list[str]:
        """Return what has not been told yet."""
        lines = self._traffic.first_refusals[self._told :]
        self._told += len(lines)
        return lines


class _Lines:
    def __init__(self, traffic: Traffic, *, as_json: bool) -> None:
        self._traffic, self._refusals = traffic, _Refusals(traffic)
        self._as_json = as_json
        self._shown = traffic.figures()

    def show_news(self) -> None:
        self._tell()
        if self._traffic.figures() != self._shown:
            self.show()

    def _tell(self) -> None:
        for line in self._refusals.new():
            print(line, file=sys.stderr, flush=True)

    def show(self) -> None:
        self._tell()
        self._shown = self._traffic.figures()
        line = "  ".join(f"{name} {count}" for name, count in self._shown.items())
        told = json.dumps(self._shown) if self._as_json else line
        print(told, file=sys.stderr, flush=True)


def _table(traffic: Traffic) -> Table:
    from rich.table import Table

    figures = traffic.figures()
    table = Table(*figures)
    table.add_row(*map(str, figures.values()))
    return table


def _nothing() -> None:
    pass
