"""How `badge load` speaks: the live and the closing table, the rates that were tried, OTLP."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from badge.cli import terminal
from badge.host.telemetry.span import Attributes, Reading
from badge.host.telemetry.watch import TELEMETRY
from sim.load.arrivals import Arrivals
from sim.load.counts import LoadCounts

PERCENTS = (50.0, 90.0, 99.0, 99.9)
_TOLD = ("due", "sent", "answered", "failed", "unsent")


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


class WatchedLoad:
    """A load as spans, one a rate, and as counts: for TELEMETRY, if anybody listens.

    No request is told alone.  That would take the time of several, and a generator slower than its
    backend measures itself: latencies are told as percentiles, of the rate that is put on.
    """

    def __init__(self) -> None:
        self._over: Counter[str] = Counter()
        self._now: Counter[str] = Counter()
        self._events_over = self._events_now = 0
        self._asked_per_s = 0.0
        self._latencies: list[tuple[float, Attributes]] = []
        TELEMETRY.counter(
            "badge.load.requests",
            "{request}",
            "Batches sent, by the status of their answer.",
            self._requests,
        )
        TELEMETRY.counter(
            "badge.load.events",
            "{event}",
            "Events of batches that were answered.",
            lambda: [(self._events_over + self._events_now, {})],
        )
        TELEMETRY.gauge(
            "badge.load.rate",
            "{request}/s",
            "The rate that is put on, at its end.",
            lambda: [(self._asked_per_s, {})],
        )
        TELEMETRY.gauge(
            "badge.load.latency",
            "s",
            "Percentiles of this rate, from when a batch was due.",
            lambda: list(self._latencies),
        )

    @contextmanager
    def rate(self, arrivals: Arrivals) -> Iterator[Callable[[LoadCounts], LoadCounts]]:
        """Tell of one rate; what is yielded takes its last counts, and gives them back."""
        self._asked_per_s = arrivals.last_per_s
        asked = {"badge.load.rate": arrivals.last_per_s, "badge.load.seconds": arrivals.seconds}
        with TELEMETRY.span("load at a rate", asked) as span:

            def ended(counts: LoadCounts) -> LoadCounts:
                if TELEMETRY.on:
                    self._see(counts)
                    self._over += self._now
                    self._events_over += self._events_now
                    self._now, self._events_now = Counter(), 0
                    span.tell({f"badge.load.{name}": getattr(counts, name) for name in _TOLD})
                return counts

            yield ended

    def through(self, tell: Tell) -> Tell:
        """Return a `tell` that sees the counts, too; the same one if nobody listens."""
        if not TELEMETRY.on:
            return tell

        def both(counts: LoadCounts) -> None:
            tell(counts)  # first: what is new since the last time is gone once it was looked at
            self._see(counts)

        return both

    def _see(self, counts: LoadCounts) -> None:
        self._now = Counter(counts.as_answers()["answers"])
        self._events_now = counts.events
        self._latencies = [
            (counts.latencies.percentile_ms(one) / 1000, {"quantile": round(one / 100, 4)})
            for one in PERCENTS
        ]

    def _requests(self) -> Reading:
        found: list[tuple[float, Attributes]] = []
        for status, times in (self._over + self._now).items():
            known = status.isdecimal()
            name = "http.response.status_code" if known else "error.type"
            found.append((times, {name: int(status) if known else "no_answer"}))
        return found
