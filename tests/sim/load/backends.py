"""Small backends that behave in one way, on sockets of this machine."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress

from sim.load.engine import LoadEngine
from sim.load.requests import Requests, made
from sim.load.target import target_of


def answer(status=202, body=b'{"accepted":1,"rejected":0,"rejected_events":[]}', more=b""):
    head = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n%b\r\n" % (status, len(body), more)
    return head + body


class Backend:
    """Answers each request with what `reply(number, request)` gives: pieces; None hangs up."""

    def __init__(self, reply):
        self.reply, self.requests, self.lock = reply, [], threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.threads = []

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self.talk, args=(connection,), daemon=True)
            thread.start()
            self.threads.append(connection)

    def talk(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        held = b""
        try:
            while True:
                while (request := whole(held)) is None:
                    data = connection.recv(1 << 16)
                    if not data:
                        return
                    held += data
                held = held[len(request) :]
                with self.lock:
                    self.requests.append(request)
                    number = len(self.requests)
                pieces = self.reply(number, request)
                if pieces is None:
                    return
                for piece in pieces:
                    connection.sendall(piece)
        except OSError:
            return
        finally:
            connection.close()


def whole(held):
    end = held.find(b"\r\n\r\n")
    if end < 0:
        return None
    length = int(held[:end].lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    return held[: end + 4 + length] if len(held) >= end + 4 + length else None


@contextmanager
def backend(reply=lambda number, request: [answer()]):
    one = Backend(reply)
    thread = threading.Thread(target=one.serve, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        with suppress(OSError):
            one.listener.shutdown(socket.SHUT_RDWR)
        one.listener.close()
        for connection in one.threads:
            connection.close()
        thread.join()


@contextmanager
def engine(url, connections=64, *, devices=2, events=2, same=False, **more):
    target = target_of(url, {"": "ak_1"}, remote=False)
    requests = Requests(made(devices, 1.8e9, events), target.heads, same=same)
    with LoadEngine(target.address, target.tls, requests, connections, **more) as one:
        one.open_all()
        yield one
