"""One connection of a load, and what is under way on it.

Not that of `sim.net.async_client`, with which it shares how an answer is read: there a request
costs twice the core (18 us for 8, of 28 kB to the sink of `benchmarks load`), for an event loop's
transport, protocol and timer; and a generator slower than its backend measures itself.
"""

from __future__ import annotations

import socket

from sim.net.answer_reader import AnswerReader


class LoadConnection:
    """One request at a time; `due_ns` None: free."""

    __slots__ = (
        "due_ns", "events", "fd", "opening", "plain", "reader", "receive", "request", "rest",
        "send", "sent_ns", "sock", "used",
    )  # fmt: skip

    def __init__(self, sock: socket.socket, *, opening: bool) -> None:
        self.sock, self.fd = sock, sock.fileno()
        self.receive, self.send = sock.recv, sock.send
        self.opening, self.used = opening, False
        self.plain = not opening  # nothing is half done: the next bytes are an answer's first
        self.due_ns: int | None = None
        self.sent_ns = self.events = 0
        self.request = self.rest = b""
        self.reader: AnswerReader | None = None
