"""The ingest API running inside this process, for tests, the demo and the command."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from threading import Event

from sim.ingest.api.ingest import Clock, Ingest, Rules
from sim.ingest.http.app import create_app
from sim.ingest.http.limits import Bounds
from sim.ingest.http.refusals import Refusals
from sim.ingest.http.traffic import Traffic
from sim.ingest.store.sqlite import SqliteStore
from sim.net.server import LOOPBACK, Served, listening, serving


@dataclass(frozen=True, slots=True)
class Running:
    """A server that takes requests at `url`; `store` may be read while it runs."""

    url: str
    store: SqliteStore
    ingest: Ingest
    traffic: Traffic
    served: Served

    @property
    def ended(self) -> Event:
        """Is set once no request is taken any more."""
        return self.served.ended

    def stop(self) -> None:
        """Answer the requests under way, then end; the store stays open."""
        self.served.stop()


def utc_ms() -> int:
    """Tell the time of this machine in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def steady_ms() -> int:
    """Tell milliseconds that no change of the clock moves."""
    return time.monotonic_ns() // 1_000_000


@contextmanager
def launch_ingest(
    store: SqliteStore | None = None,
    *,
    rules: Rules | None = None,
    clock: Clock = utc_ms,
    steady: Clock = steady_ms,
    bounds: Bounds | None = None,
    host: str = LOOPBACK,
    port: int = 0,
    refusals: Refusals | None = None,
) -> Iterator[Running]:
    """Serve until the block ends; requests under way are answered first.

    Without a store it keeps everything in memory, without rules it takes any device without a
    key.  Port 0 takes a free one.  What is refused goes into `refusals`.  InputError if the
    address cannot be had.
    """
    limits = bounds or Bounds()
    with closing(store or SqliteStore(":memory:")) as kept, listening(host, port) as listener:
        ingest = Ingest(kept, clock, rules or Rules(open=True), steady=steady)
        traffic = Traffic(refusals=refusals or Refusals())
        app = create_app(ingest, kept, limits, traffic)
        with serving(app, listener, limits.patience) as served:
            yield Running(served.url, kept, ingest, traffic, served)
