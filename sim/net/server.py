"""The one listening socket: an ASGI app behind a quiet uvicorn in a thread, with bounds in time.

Whoever listens has strangers for clients.  A connection that does not come to the point within
its time is closed, whatever route it names and whether or not the app reads.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from badge.errors import InputError

LOOPBACK = "127.0.0.1"
BACKLOG = 1024
IDLE_TIMEOUT_S = 30
SHUTDOWN_TIMEOUT_S = 10
HEAD_TIMEOUT_S = 10.0
BODY_TIMEOUT_S = 30.0
FULL_SAID_EVERY_S = 10.0
_FULL = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """How long a client may take: for a head, for a body, and to read what it is sent.

    `body_s` is the last resort: an app that reads bodies answers 408 before it is over.  `stop_s`
    is what requests under way are given when the server ends.
    """

    head_s: float = HEAD_TIMEOUT_S
    body_s: float = BODY_TIMEOUT_S
    read_s: float = BODY_TIMEOUT_S
    stop_s: float = SHUTDOWN_TIMEOUT_S


@dataclass(frozen=True, slots=True)
class Served:
    """A server that takes requests at `url`; `ended` is set once it takes none any more."""

    url: str
    server: uvicorn.Server
    ended: Event

    def stop(self) -> None:
        """Answer the requests under way, then end."""
        self.server.should_exit = True
        self.ended.wait()


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Take an address; from now on clients may connect, and wait until they are answered.

    Port 0 takes a free one.  InputError if the address cannot be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "no name of a host"
        raise InputError(f"--host {host}: {why}") from None
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


@contextmanager
def held_port() -> Iterator[int]:
    """Keep a free port of this computer for a server that must be told its port, until the end.

    A server binds it, and again after a kill, since it says SO_REUSEADDR and nobody listens here;
    until then connections are refused.  Nobody who takes any free port is given it (Linux; other
    systems give a port one socket, so there it is only free): so no client that calls while the
    server is away can be given that port, and talk to itself.
    """
    with closing(socket.socket()) as keeper:
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind((LOOPBACK, 0))
        port = keeper.getsockname()[1]
        if sys.platform != "linux":
            keeper.close()
        yield port


def url_of(listener: socket.socket) -> str:
    """Tell where a listening socket is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def serving(
    app: Callable[..., Any],
    listener: socket.socket,
    patience: TimeLimits | None = None,
    *,
    connections_max: int | None = None,
) -> Iterator[Served]:
    """Serve an ASGI app until the block ends; requests under way are answered first."""
    waits = patience or TimeLimits()
    config = uvicorn.Config(
        app,
        loop="asyncio",  # the same whatever else is installed
        http=_timed(waits),
        ws="none",
        lifespan="auto",
        log_config=None,
        log_level="error",  # what clients do wrong is in their answer, not on the terminal
        access_log=False,
        server_header=False,
        limit_concurrency=connections_max,
        timeout_keep_alive=IDLE_TIMEOUT_S,
        timeout_graceful_shutdown=waits.stop_s,  # type: ignore[arg-type]  # it may be a fraction
        backlog=BACKLOG,
    )
    server, ended = _Server(config), Event()
    # Thread.join, interrupted by a signal, takes a running thread for ended: hence the event

    def run() -> None:
        try:
            server.run([listener])
        finally:
            ended.set()
            server.begun.set()

    thread = Thread(target=run, name="http-server", daemon=True)
    thread.start()
    # Uvicorn that is told to end before it has begun leaves its lifespan to a traceback.
    server.begun.wait()
    served = Served(url_of(listener), server, ended)
    try:
        yield served
    finally:
        served.stop()
        thread.join()


class _Server(uvicorn.Server):
    """Says in one line now and then that descriptors are used up.

    The event loop tells of each failed accept with a traceback, some thousand times a second.
    """

    _said_s = -FULL_SAID_EVERY_S

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.begun = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().set_exception_handler(self._trouble)
        await super().startup(sockets)
        self.begun.set()

    def _trouble(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not (isinstance(error, OSError) and error.errno in _FULL):
            loop.default_exception_handler(context)
        elif loop.time() - self._said_s >= FULL_SAID_EVERY_S:
            self._said_s = loop.time()
            _log.warning(
                "%s: new connections wait; raise the limit (ulimit -n) or have fewer clients",
                error.strerror,
            )


class _StrictConnection(h11.Connection):
    """HTTP/1.1 without a body that two readers could end at different places.

    RFC 9112, 6.3: with Content-Length beside Transfer-Encoding a server ought to handle the
    message as an error, and must close the connection after its answer.
    """

    def next_event(self) -> Any:
        event = super().next_event()
        if isinstance(event, h11.Request):
            names = {name for name, _ in event.headers}
            if {b"content-length", b"transfer-encoding"} <= names:
                raise h11.RemoteProtocolError("Content-Length beside Transfer-Encoding")
        return event


class _TimedProtocol(H11Protocol):
    """Uvicorn's HTTP/1.1, and each thing that a client is to do has its time."""

    patience = TimeLimits()
    _timer: asyncio.TimerHandle | None = None
    _awaited: object = None
    _unread: asyncio.TimerHandle | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.conn = _StrictConnection(h11.SERVER)

    def connection_made(  # type: ignore[override]  # narrowed as uvicorn narrows it
        self, transport: asyncio.Transport
    ) -> None:
        """Wait for the first head from now on."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Wait on, or no more, by what has arrived."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Wait on for the rest of a body that nobody has read; idling has a limit of its own."""
        super().on_response_complete()
        if self.conn.their_state is not h11.SEND_BODY:
            self._wait_for(None, 0)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_for(None, 0)
        self.resume_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client does not read: it has its time for that, too."""
        super().pause_writing()
        self._unread = self.loop.call_later(self.patience.read_s, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads."""
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _watch(self) -> None:
        state = self.conn.their_state
        if state is h11.IDLE:
            self._wait_for(state, self.patience.head_s)
        elif state is h11.SEND_BODY:
            self._wait_for(self.cycle, self.patience.body_s)
        else:
            self._wait_for(None, 0)

    def _wait_for(self, what: object, limit_s: float) -> None:
        """Let the connection end when this takes too long; it goes on for what is awaited yet."""
        if what is self._awaited:
            return
        self._awaited = what
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if what is None else self.loop.call_later(limit_s, self._give_up)

    def _give_up(self) -> None:
        self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Answer in JSON, as the apps behind it do."""
        head = b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n"
        body = b'{"error":"%b","code":"not_http"}' % msg.encode()
        self.transport.write(
            b"%bConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (head, len(body), body)
        )
        self.transport.close()


def _timed(patience: TimeLimits) -> type[_TimedProtocol]:
    """Return the protocol with another patience; uvicorn wants a class."""
    return type("_Timed", (_TimedProtocol,), {"patience": patience})
