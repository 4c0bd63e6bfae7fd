"""Bytes as they are, on a connection of their own: what no HTTP library lets a test say."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, sleep
from urllib.parse import urlsplit

import h11

READ_BYTES = 65_536
ANSWER_BYTES_MAX = 1 << 20


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What came back: the status of the first answer (None: none came), its body, what then.

    `closed`: the server has ended the connection; `more`: bytes came that belong to no answer yet.
    """

    status: int | None
    text: str
    headers: dict[str, str]
    closed: bool


@dataclass(slots=True)
class Connection:
    """A connection to the host of a URL while the `with` lasts; OSError if there is none."""

    url: str
    deadline_s: float
    _socket: socket.socket | None = None

    def __enter__(self) -> Connection:
        parts = urlsplit(self.url)
        secure = parts.scheme == "https"
        address = (parts.hostname or "", parts.port or (443 if secure else 80))
        made = socket.create_connection(address, self.deadline_s)
        if secure:
            context = ssl.create_default_context()
            made = context.wrap_socket(made, server_hostname=parts.hostname)
        self._socket = made
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def _open(self) -> socket.socket:
        assert self._socket is not None, "a Connection is used in a with"
        return self._socket

    def send(self, pieces: Sequence[bytes], pause_s: float = 0.0) -> None:
        """Send each piece after a pause; a server that hangs up, or reads no more, ends it."""
        try:
            for piece in pieces:
                sleep(pause_s)
                self._open.sendall(piece)
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            return

    def end(self) -> None:
        """Say that nothing more comes, and go on listening."""
        with suppress(OSError):
            # The connection's own: that of a TLS socket would read without TLS from then on.
            socket.socket.shutdown(self._open, socket.SHUT_WR)

    def answer(self, method: str = "POST") -> RawAnswer:
        """Read until one answer is whole, the server hangs up, or the time is over."""
        reader = h11.Connection(h11.CLIENT)
        reader.send(h11.Request(method=method, target="/", headers=[("Host", "x")]))
        reader.send(h11.EndOfMessage())
        until_s = monotonic() + self.deadline_s
        status: int | None = None
        headers: dict[str, str] = {}
        body = b""
        while True:
            try:
                found = reader.next_event()
            except h11.RemoteProtocolError:
                return RawAnswer(status, body.decode("utf-8", "replace"), headers, closed=True)
            if found is h11.NEED_DATA:
                data = self._read(until_s)
                if data is None:
                    return RawAnswer(None, body.decode("utf-8", "replace"), headers, closed=False)
                reader.receive_data(data)
            elif isinstance(found, h11.Response):
                status = found.status_code
                headers = {k.decode().lower(): v.decode("latin-1") for k, v in found.headers}
            elif isinstance(found, h11.Data):
                body += found.data[: ANSWER_BYTES_MAX - len(body)]
            elif isinstance(found, h11.EndOfMessage):
                closing = reader.their_state in (h11.MUST_CLOSE, h11.CLOSED)
                return RawAnswer(status, body.decode("utf-8", "replace"), headers, closing)
            elif isinstance(found, h11.ConnectionClosed):
                return RawAnswer(status, body.decode("utf-8", "replace"), headers, closed=True)

    def _read(self, until_s: float) -> bytes | None:
        left_s = until_s - monotonic()
        if left_s <= 0:
            return None
        self._open.settimeout(left_s)
        try:
            return self._open.recv(READ_BYTES)
        except TimeoutError:
            return None
        except ConnectionResetError:
            return b""
