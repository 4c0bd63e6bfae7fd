"""A serial wire as an address, pyserial's `socket://HOST:PORT`, on any system."""

from __future__ import annotations

import socket
import time
from contextlib import suppress

from badge.errors import InputError

LOOPBACK = "127.0.0.1"
READ_BYTES = 65536
WRITE_TIMEOUT_S = 2.0


class TcpPort:
    """The card's serial port at HOST:PORT, for one host at a time; the next one is taken after it.

    Nobody is asked who he is: on loopback unless another address is named.
    """

    def __init__(self, address: str) -> None:
        self._address = read_address(address)
        self._host: socket.socket | None = None
        self._listen()

    @property
    def path(self) -> str:
        """What a host opens, as pyserial writes it."""
        host, port = self._listener.getsockname()[:2]
        return f"socket://{f'[{host}]' if ':' in host else host}:{port}"

    def fileno(self) -> int:
        """See `SerialLine`."""
        return (self._host or self._listener).fileno()

    def read(self) -> bytes:
        """See `SerialLine`: while nobody is there, a host that comes is taken in."""
        if self._host is None:
            with suppress(BlockingIOError, ConnectionError):
                self._host, _ = self._listener.accept()
                self._host.settimeout(WRITE_TIMEOUT_S)
                self._host.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return b""
        try:
            data = self._host.recv(READ_BYTES)
        except OSError:
            data = b""
        if not data:
            self._leave()
        return data

    def write(self, data: bytes) -> None:
        """Send all of it; what a host does not take within 2 s, or nobody does, is lost."""
        if self._host is None:
            return
        try:
            self._host.sendall(data)
        except OSError:
            self._leave()

    def unplug(self, seconds: float) -> None:
        """See `SerialLine`: an open host is hung up on, and cannot come until it is over."""
        self._address = self._listener.getsockname()[:2]
        self.close()
        time.sleep(seconds)
        self._listen()

    def close(self) -> None:
        """See `SerialLine`."""
        self._leave()
        self._listener.close()

    def _leave(self) -> None:
        if self._host is not None:
            self._host.close()
            self._host = None

    def _listen(self) -> None:
        try:
            self._listener = socket.create_server(
                self._address,
                family=socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET,
                backlog=1,
            )
        except OSError as error:
            where = ":".join(map(str, self._address))
            raise InputError(f"--tcp {where}: {error.strerror or error}; name another") from None
        self._listener.setblocking(False)


def read_address(text: str) -> tuple[str, int]:
    """Read `HOST:PORT`, `[::1]:PORT` or a port alone, which is on loopback; else InputError."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise InputError(f"--tcp {text}: write it as HOST:PORT, or PORT on this machine alone")
    return host.strip("[]") or LOOPBACK, int(port)
