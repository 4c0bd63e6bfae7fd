"""A load from the words of the command line to its figures: one rate, a ramp, or the highest."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from badge.errors import InputError
from badge.host.processes import asked_to_stop
from badge.host.telemetry.watch import TELEMETRY
from sim.fleet.job import Progress
from sim.load import report
from sim.load.arrivals import Arrivals, constant, read_rate
from sim.load.counts import LoadCounts
from sim.load.engine import LoadEngine
from sim.load.fleet_batches import scenario_batches
from sim.load.requests import MADE_FIRST, LoadBatch, Requests, from_spool, made
from sim.load.search import highest
from sim.load.target import LoadTarget
from sim.traffic.batches import Spool, in_order
from sim.traffic.open import open_traffic

RAMP_FIRST_PER_S, RAMP_LAST_PER_S = 1.0, 1000.0
FIND_FIRST_PER_S, FIND_MOST_PER_S = 100.0, 200_000.0
FAILED_SHARE_MAX = 0.001
P99_MS = 100.0
TRIES = 2  # a hiccup of the machine is no limit of the backend


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What was asked: `rate` is a number a second, `ramp` or `find`."""

    rate: str = "100/s"
    seconds: float = 30.0
    most: str | None = None
    p99_ms: float | None = None
    connections: int = 50
    timeout_s: float = 10.0
    same: bool = False
    source: str | None = None
    scenario: str | None = None
    badges: int | None = None
    hours: float | None = None

    def arrivals(self) -> Arrivals:
        """Give when batches are due, of a rate or a ramp."""
        if self.rate == "ramp":
            last = RAMP_LAST_PER_S if self.most is None else read_rate(self.most, "--most")
            return Arrivals(RAMP_FIRST_PER_S, last, self.seconds)
        return constant(read_rate(self.rate), self.seconds)


@dataclass(slots=True)
class Loaded:
    """What came of it; of a search every rate that was tried, and the highest that holds."""

    counts: LoadCounts
    highest_per_s: float | None = None
    probes: list[tuple[float, LoadCounts, bool]] = field(default_factory=list)

    @property
    def interrupted(self) -> bool:
        """Whether somebody stopped it."""
        return self.counts.interrupted

    def document(self) -> dict[str, Any]:
        """Give all of it for machines."""
        if not self.probes:
            return self.counts.document()
        return {
            "highest_per_s": self.highest_per_s,
            "interrupted": self.interrupted,
            "tried": [report.probe_document(r, c, holds=h) for r, c, h in self.probes],
        }


def check(options: LoadOptions) -> None:
    """Raise InputError for words that do not go together, before anything is sent."""
    if options.rate != "find":
        total = options.arrivals().total
        if not total:
            raise InputError("--rate and --for: not one batch falls due; ask for more of either")
    elif options.most is not None:
        read_rate(options.most, "--most")
    if options.source is not None and options.scenario is not None:
        raise InputError("--from and --scenario: give one of the two")
    if options.scenario is None and (options.badges or options.hours):
        raise InputError("--badges and --hours go with --scenario")
    if options.most is not None and options.rate not in ("ramp", "find"):
        raise InputError("--most goes with --rate ramp or find")


def batches_of(
    options: LoadOptions, tell: Callable[[Progress], None], *, new: bool = False
) -> list[LoadBatch]:
    """Read or make what is sent; with `new` made batches are of badges that nobody has met."""
    if options.scenario is not None:
        return scenario_batches(options.scenario, options.badges, options.hours, tell)
    if options.source is None:
        first = secrets.randbits(32) if new else MADE_FIRST
        return made(options.connections, time.time(), first=first)
    with Spool() as spool:
        found = open_traffic([options.source], spool).batches
        return from_spool(in_order(found, lambda batch: True), spool)


def load(
    options: LoadOptions, target: LoadTarget, batches: list[LoadBatch], tell: report.Tell
) -> Loaded:
    """Put the load on; Ctrl-C ends it, and what came of it up to then is given."""
    requests = Requests(batches, target.heads, same=options.same)
    stop = Event()

    watched = report.WatchedLoad()

    def once(arrivals: Arrivals) -> LoadCounts:
        engine = LoadEngine(
            target.address,
            target.tls,
            requests,
            options.connections,
            timeout_s=options.timeout_s,
            stopped=stop.is_set,
        )
        with engine:
            try:
                engine.open_all()
            except InputError as error:
                raise InputError(f"{target.shown}: {error}") from None
            with watched.rate(arrivals) as ended:
                return ended(engine.run(arrivals, watched.through(tell)))

    with asked_to_stop(stop), TELEMETRY.span("badge load", {"badge.load.asked": options.rate}):
        if options.rate != "find":
            return Loaded(once(options.arrivals()))
        return _find(options, once)


def holds(counts: LoadCounts, p99_ms: float) -> bool:
    """Tell whether a promise was held: the 99th percentile, and next to nothing failed."""
    if not counts.answered:
        return False
    share = counts.failed / max(counts.due, 1)
    return counts.latencies.percentile_ms(99.0) <= p99_ms and share <= FAILED_SHARE_MAX


def _find(options: LoadOptions, once: Callable[[Arrivals], LoadCounts]) -> Loaded:
    p99_ms = P99_MS if options.p99_ms is None else options.p99_ms
    most = FIND_MOST_PER_S if options.most is None else read_rate(options.most, "--most")
    loaded = Loaded(LoadCounts())

    def try_out(rate: float) -> bool:
        if loaded.interrupted:
            return False
        good = False
        for _ in range(TRIES):
            if good or loaded.interrupted:
                break
            loaded.counts = counts = once(constant(rate, options.seconds))
            good = holds(counts, p99_ms) and not counts.interrupted
            loaded.probes.append((rate, counts, good))
        return good

    loaded.highest_per_s, _ = highest(try_out, FIND_FIRST_PER_S, most)
    return loaded
