"""The open loop: batches leave when they are due, whether or not those before were answered.

A few microseconds of Python a request: raw sockets on one epoll (elsewhere kqueue, `select`), and
an answer that came before, byte for byte, is not parsed again.  One thread, so that what is
measured is the backend.
"""

from __future__ import annotations

import errno
import select
import socket
import ssl
from collections.abc import Callable, Iterator
from time import perf_counter_ns, process_time
from typing import Any

from badge.errors import InputError
from badge.host.systems import READABLE, WRITABLE, readiness
from sim.load.arrivals import Arrivals
from sim.load.connection import LoadConnection
from sim.load.counts import LoadCounts, label
from sim.load.latencies import SAME_BITS, SAME_FROM_US
from sim.load.requests import Requests
from sim.net.answer import NoAnswer, no_connection
from sim.net.answer_reader import AnswerReader

CONNECT_S = 5.0
LOOK_S = 0.1  # how often timeouts are looked for, and `stopped` is asked
TELL_NS = 500_000_000
DRAIN_S = 10.0
ANSWER_BYTES_MAX = 1 << 20
KNOWN_MAX = 256
_RECEIVE_BYTES = 1 << 14
_BUSY = (READABLE | WRITABLE, READABLE)
_NOT_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_UNDER_WAY = (errno.EINPROGRESS, errno.EWOULDBLOCK)
Address = tuple[int, tuple[str, int]]  # family, and what connect() takes


class LoadEngine:
    """At most `connections` to one address; `stopped` is asked ten times a second."""

    def __init__(
        self,
        address: Address,
        tls: tuple[ssl.SSLContext, str] | None,
        requests: Requests,
        connections: int,
        *,
        timeout_s: float = 10.0,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._address, self._tls, self._requests = address, tls, requests
        self._most, self._timeout_ns = connections, int(timeout_s * 1e9)
        self._stopped = stopped
        self._ready = readiness()
        # Only epoll has one, and counts in milliseconds; the others wait for any time.
        self._epoll: Any = self._ready if hasattr(self._ready, "fileno") else None
        self._all: dict[int, LoadConnection] = {}
        self._free: list[LoadConnection] = []
        self._known: dict[bytes, str] = {}
        self._waiting: list[tuple[int, bytes, int]] = []  # to be sent on another connection
        self._counts = LoadCounts()
        self._start_ns = 0

    def __enter__(self) -> LoadEngine:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in list(self._all.values()):
            self._drop(connection)
        self._ready.close()

    def open_all(self) -> None:
        """Open every connection before the clock starts; InputError if there is nobody."""
        for _ in range(self._most - len(self._all)):
            sock = socket.socket(self._address[0], socket.SOCK_STREAM)
            sock.settimeout(CONNECT_S)
            try:
                sock.connect(self._address[1])
                sock = self._wrapped(sock, at_once=True)
            except OSError as error:
                sock.close()
                raise InputError(str(no_connection(error))) from None
            self._free.append(self._keep(sock, opening=False))

    def run(
        self, arrivals: Arrivals, tell: Callable[[LoadCounts], None] = lambda counts: None
    ) -> LoadCounts:
        """Send all that falls due, wait for the last answers, and give what became of it."""
        self._counts = counts = LoadCounts()
        cpu_s, self._start_ns = process_time(), perf_counter_ns()
        end_ns, total, told_ns = int(arrivals.seconds * 1e9), arrivals.total, 0
        at_ns = arrivals.timetable()
        looked_ns = 0
        while True:
            now_ns = perf_counter_ns() - self._start_ns
            if now_ns - looked_ns > LOOK_S * 1e9:
                looked_ns = now_ns
                self._give_up_late(now_ns)
                if now_ns - told_ns > TELL_NS:
                    told_ns, counts.seconds = now_ns, now_ns / 1e9
                    tell(counts)
                if self._stopped():
                    counts.interrupted = True
                    break
            if now_ns >= end_ns:
                self._send_due(at_ns, end_ns, total)  # what a busy machine has held up till now
                break
            next_ns = self._send_due(at_ns, now_ns, total)
            self._wait(min(next_ns, end_ns) - now_ns)
        counts.seconds = (perf_counter_ns() - self._start_ns) / 1e9
        self._drain()
        counts.count_unsent(arrivals, len(self._waiting))
        self._waiting.clear()
        counts.cpu_s = process_time() - cpu_s
        tell(counts)
        counts.latencies.settle()
        return counts

    def _send_due(self, at_ns: Callable[[int], int], now_ns: int, total: int) -> int:
        """Send what is due as far as there are connections; give when the next one is due."""
        counts, take, free = self._counts, self._requests.take, self._free
        number = counts.due
        due_ns = at_ns(number)
        while self._waiting and self._has_room():
            self._begin(*self._waiting.pop(), now_ns)
        while due_ns <= now_ns and number < total and (free or self._has_room()):
            request, events = take()
            number += 1
            if free:  # the same as in `_begin`, without its calls
                connection = free.pop()
                connection.due_ns, connection.events = due_ns, events
                connection.request, connection.sent_ns = request, now_ns
                counts.sent += 1
                try:
                    sent = connection.send(request)
                except OSError as error:
                    self._unwritten(connection, request, error)
                else:
                    if sent < len(request):
                        self._write_later(connection, request[sent:])
            else:
                self._begin(due_ns, request, events, now_ns)
            due_ns = at_ns(number)
        counts.due = number
        # Nothing can be sent before an answer comes: the answer wakes the loop.
        look_ns = now_ns + int(LOOK_S * 1e9)
        return min(due_ns, look_ns) if due_ns > now_ns and number < total else look_ns

    def _begin(self, due_ns: int, request: bytes, events: int, now_ns: int) -> None:
        self._counts.sent += 1
        if self._free:
            connection = self._free.pop()
        else:
            opened = self._open()
            if opened is None:
                return
            connection = opened
        connection.due_ns, connection.events, connection.request = due_ns, events, request
        connection.sent_ns = now_ns
        if not connection.opening:
            self._write(connection, request)

    def _has_room(self) -> bool:
        return bool(self._free) or len(self._all) < self._most

    def _write(self, connection: LoadConnection, content: bytes) -> None:
        try:
            sent = connection.send(content)
        except OSError as error:
            self._unwritten(connection, content, error)
            return
        if sent < len(content):
            self._write_later(connection, content[sent:])
        elif connection.rest:
            connection.rest = b""
            self._ready.modify(connection.fd, READABLE)

    def _unwritten(self, connection: LoadConnection, content: bytes, error: OSError) -> None:
        if isinstance(error, _NOT_YET):
            self._write_later(connection, content)
        else:
            self._broke(connection)

    def _write_later(self, connection: LoadConnection, rest: bytes) -> None:
        connection.rest = rest
        self._ready.modify(connection.fd, READABLE | WRITABLE)

    def _wait(self, ns: int) -> None:
        """Take what comes within so many nanoseconds."""
        if 0 < ns < 2_000_000 and self._epoll is not None:
            # A batch that leaves late, by less than a millisecond, looks slow.
            select.select([self._epoll], [], [], ns / 1e9)
            ns = 0
        every, known, free = self._all, self._known, self._free
        start_ns = self._start_ns
        noted, labels, counts = self._counts.latencies.noted, self._counts.labels, self._counts
        for fd, event in self._ready.poll(max(ns, 0) / 1e9, self._most):
            connection = every.get(fd)
            if connection is None:
                continue
            if event == READABLE and connection.plain:
                try:
                    data = connection.receive(_RECEIVE_BYTES)
                except OSError as error:
                    self._read_error(connection, error)
                    continue
                outcome, due_ns = known.get(data), connection.due_ns
                if outcome is None or due_ns is None:
                    self._read_slowly(connection, data)
                    continue
                # What nearly every answer comes to: the same as in `_ended`, without a call.
                took_us = (perf_counter_ns() - start_ns - due_ns) // 1000
                if took_us >= SAME_FROM_US:
                    shift = took_us.bit_length() - SAME_BITS
                    took_us = took_us >> shift << shift
                noted[took_us] = noted.get(took_us, 0) + 1
                labels[outcome] = labels.get(outcome, 0) + 1
                counts.answered += 1
                counts.events += connection.events
                connection.due_ns, connection.used = None, True
                free.append(connection)
                continue
            self._turn(connection, event)

    def _turn(self, connection: LoadConnection, event: int) -> None:
        """Take an event of a connection that opens, sends on, or has half an answer."""
        if connection.opening:
            self._opened(connection)
        elif event & WRITABLE and connection.rest:
            self._write(connection, connection.rest)
        if event & ~WRITABLE and not connection.opening and connection.fd in self._all:
            self._read(connection)

    def _read(self, connection: LoadConnection) -> None:
        try:
            data = connection.receive(_RECEIVE_BYTES)
        except OSError as error:
            self._read_error(connection, error)
            return
        self._read_slowly(connection, data)

    def _read_error(self, connection: LoadConnection, error: OSError) -> None:
        if not isinstance(error, _NOT_YET):
            self._broke(connection)

    def _read_slowly(self, connection: LoadConnection, data: bytes) -> None:
        if connection.due_ns is None or not data:
            self._broke(connection)
            return
        first = connection.reader is None
        reader = connection.reader = connection.reader or AnswerReader(ANSWER_BYTES_MAX)
        connection.plain = False
        over = reader.feed(data)
        if reader.wrong is not None:
            self._ended(connection, reader.wrong.what)
            self._drop(connection)
            return
        if not over:
            if isinstance(connection.sock, ssl.SSLSocket) and connection.sock.pending():
                self._read(connection)  # epoll does not see what TLS has read ahead
            return
        outcome = label(reader)
        self._ended(connection, outcome)
        if not reader.lasts:
            self._drop(connection)
            return
        if first:
            if len(self._known) >= KNOWN_MAX:  # a Date that goes on makes all of them old
                self._known.clear()
            self._known[data] = outcome
        connection.used, connection.reader, connection.plain = True, None, True
        self._free.append(connection)

    def _ended(self, connection: LoadConnection, label: str) -> None:
        counts, due_ns = self._counts, connection.due_ns
        assert due_ns is not None
        counts.latencies.note((perf_counter_ns() - self._start_ns - due_ns) // 1000)
        counts.note(label)
        counts.answered += 1
        counts.events += connection.events
        connection.due_ns = None

    # Connections come and go.

    def _keep(self, sock: socket.socket, *, opening: bool) -> LoadConnection:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = LoadConnection(sock, opening=opening)
        self._all[connection.fd] = connection
        self._ready.register(connection.fd, _BUSY[0] if opening else _BUSY[1])
        return connection

    def _wrapped(self, sock: socket.socket, *, at_once: bool) -> socket.socket:
        if self._tls is None:
            return sock
        context, name = self._tls
        return context.wrap_socket(sock, server_hostname=name, do_handshake_on_connect=at_once)

    def _open(self) -> LoadConnection | None:
        """Begin a connection in place of one that is gone; None if that fails at once."""
        sock = socket.socket(self._address[0], socket.SOCK_STREAM)
        sock.setblocking(False)
        code = sock.connect_ex(self._address[1])
        if code not in (0, *_UNDER_WAY):
            sock.close()
            self._counts.note(NoAnswer("away").what)
            return None
        return self._keep(sock, opening=True)

    def _opened(self, connection: LoadConnection) -> None:
        """The socket can be written: it is connected, or it is not."""
        sock = connection.sock
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            self._failed(connection, no_connection(OSError(code, "")))
            return
        try:
            if self._tls is not None:
                if not isinstance(sock, ssl.SSLSocket):
                    self._ready.unregister(connection.fd)
                    del self._all[connection.fd]
                    sock = connection.sock = self._wrapped(sock, at_once=False)
                    connection.fd, connection.receive = sock.fileno(), sock.recv
                    connection.send = sock.send
                    self._all[connection.fd] = connection
                    self._ready.register(connection.fd, _BUSY[0])
                sock.do_handshake()  # type: ignore[attr-defined]  # wrapped above
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError as error:
            self._failed(connection, no_connection(error))
            return
        connection.opening, connection.plain = False, True
        self._counts.connects += 1
        self._ready.modify(connection.fd, _BUSY[1])
        self._write(connection, connection.request)

    def _failed(self, connection: LoadConnection, why: NoAnswer) -> None:
        connection.due_ns = None
        self._counts.note(why.what)
        self._drop(connection)

    def _broke(self, connection: LoadConnection) -> None:
        """The other side has closed, with or without an answer."""
        due_ns, reader = connection.due_ns, connection.reader
        if due_ns is not None and reader is not None and reader.end():
            self._ended(connection, label(reader))
        elif due_ns is not None and connection.used and reader is None:
            # An idle connection that the server closed just when it was used says nothing yet.
            self._counts.sent -= 1
            self._waiting.append((due_ns, connection.request, connection.events))
        elif due_ns is not None:
            self._counts.note(NoAnswer("cut").what)
        self._drop(connection)

    def _drop(self, connection: LoadConnection) -> None:
        if self._all.pop(connection.fd, None) is None:
            return
        self._ready.unregister(connection.fd)
        connection.sock.close()
        if connection in self._free:
            self._free.remove(connection)

    def _give_up_late(self, now_ns: int) -> None:
        for connection in self._under_way():
            if now_ns - connection.sent_ns > self._timeout_ns:
                self._late(connection, now_ns)

    def _late(self, connection: LoadConnection, now_ns: int) -> None:
        due_ns = connection.due_ns
        assert due_ns is not None
        # What never came took at least so long: leaving it out would flatter the backend.
        self._counts.latencies.note((now_ns - due_ns) // 1000)
        self._counts.note(NoAnswer("late").what)
        connection.due_ns = None
        self._drop(connection)

    def _under_way(self) -> Iterator[LoadConnection]:
        return (one for one in list(self._all.values()) if one.due_ns is not None)

    def _drain(self) -> None:
        """Wait for the answers that are under way, for as long as one may take."""
        end_ns = perf_counter_ns() - self._start_ns + min(self._timeout_ns, int(DRAIN_S * 1e9))
        if self._counts.interrupted:  # whoever stops it wants the table, not the last answers
            for connection in self._under_way():
                self._drop(connection)
        while self._waiting or any(self._under_way()):
            now_ns = perf_counter_ns() - self._start_ns
            if now_ns >= end_ns:
                break
            while self._waiting and self._has_room():
                self._begin(*self._waiting.pop(), now_ns)
            self._wait(int(LOOK_S * 1e9))
            self._give_up_late(now_ns)
        for connection in self._under_way():
            self._late(connection, perf_counter_ns() - self._start_ns)
