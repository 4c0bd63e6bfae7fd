"""The ingest API running inside this process, for tests, the demo and the command."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from threading import Event, Thread

import uvicorn

from badge.errors import InputError
from sim.ingest.api.ingest import Clock, Ingest, Rules
from sim.ingest.http.app import create_app
from sim.ingest.http.limits import Bounds, hurrying
from sim.ingest.http.traffic import Traffic
from sim.ingest.store.sqlite import SqliteStore

LOOPBACK = "127.0.0.1"
BACKLOG = 1024
IDLE_TIMEOUT_S = 30
SHUTDOWN_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class Running:
    """A server that takes requests at `url`; `store` may be read while it runs."""

    url: str
    store: SqliteStore
    ingest: Ingest
    traffic: Traffic
    server: uvicorn.Server
    ended: Event

    def stop(self) -> None:
        """Answer the requests under way, then end; the store stays open."""
        self.server.should_exit = True
        self.ended.wait()


def utc_ms() -> int:
    """Tell the time of this machine in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@contextmanager
def launch_ingest(
    store: SqliteStore | None = None,
    *,
    rules: Rules | None = None,
    clock: Clock = utc_ms,
    bounds: Bounds | None = None,
    host: str = LOOPBACK,
    port: int = 0,
) -> Iterator[Running]:
    """Serve until the block ends; requests under way are answered first.

    Without a store it keeps everything in memory, without rules it takes any device without a
    key.  Port 0 takes a free one.  InputError if the address cannot be had.
    """
    with closing(store or SqliteStore(":memory:")) as kept, listening(host, port) as listener:
        ingest = Ingest(kept, clock, rules or Rules(open=True))
        traffic = Traffic()
        server = _server(create_app(ingest, kept, bounds, traffic), bounds or Bounds())
        ended = Event()  # Thread.join, interrupted by a signal, takes a running thread for ended

        def run() -> None:
            try:
                server.run([listener])
            finally:
                ended.set()

        thread = Thread(target=run, name="ingest-server", daemon=True)
        thread.start()
        running = Running(_url(listener), kept, ingest, traffic, server, ended)
        try:
            yield running
        finally:
            running.stop()
            thread.join()


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Take an address; from now on clients may connect, and wait until they are answered."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise InputError(f"--host {host}: {error.strerror or error}") from None
    with closing(socket.socket(family, kind, protocol)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            raise InputError(
                f"port {port} of {host} cannot be had ({error.strerror}): "
                "choose another with --port, or 0 for any free one"
            ) from None
        listener.listen(BACKLOG)
        yield listener


def _server(app: object, bounds: Bounds) -> uvicorn.Server:
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        loop="asyncio",  # the same whatever else is installed
        http=hurrying(bounds.head_timeout_s),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=IDLE_TIMEOUT_S,
        timeout_graceful_shutdown=SHUTDOWN_TIMEOUT_S,
        backlog=BACKLOG,
    )
    return uvicorn.Server(config)


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
