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

    A table on a terminal, else a line whenever something has come; JSON lines go to stdout.
    """
    if quiet:
        yield _nothing, LINE_PERIOD_S
    elif as_json or not sys.stderr.isatty():
        lines = _Lines(traffic, as_json=as_json)
        try:
            yield lines.show_news, LINE_PERIOD_S
        finally:
            lines.show()
    else:
        with _live_table(traffic) as show:
            yield show, LIVE_PERIOD_S


@contextmanager
def _live_table(traffic: Traffic) -> Iterator[Show]:
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(stderr=True), auto_refresh=False) as live:

        def show() -> None:
            live.update(_table(traffic), refresh=True)

        try:
            yield show
        finally:
            show()


class _Lines:
    def __init__(self, traffic: Traffic, *, as_json: bool) -> None:
        self._traffic = traffic
        self._as_json = as_json
        self._shown = traffic.figures()

    def show_news(self) -> None:
        if self._traffic.figures() != self._shown:
            self.show()

    def show(self) -> None:
        self._shown = self._traffic.figures()
        if self._as_json:
            print(json.dumps(self._shown), flush=True)
        else:
            line = "  ".join(f"{name} {count}" for name, count in self._shown.items())
            print(line, file=sys.stderr, flush=True)


def _table(traffic: Traffic) -> Table:
    from rich.table import Table

    figures = traffic.figures()
    table = Table(*figures)
    table.add_row(*map(str, figures.values()))
    return table


def _nothing() -> None:
    pass
