"""One program's connection to the bus: login, and octets in both directions."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from contextlib import suppress
from typing import Protocol

from dbus_fast import Message

from badge.errors import InputError
from sim.air.dbus.stream import MessageStream, SaslServer

BACKLOG_MAX = 16 << 20  # a program that does not read is cut off, as dbus-daemon does
LOGIN_S = 30.0


class PeerBus(Protocol):
    """The part of a bus that a connection needs."""

    @property
    def guid(self) -> str:
        """The identity of the bus, told at login."""

    def unique_name(self) -> str:
        """Return a name that nobody had."""

    def join(self, peer: Peer) -> None:
        """Let a program in that said Hello; InputError if the bus is full."""

    def part(self, peer: Peer) -> None:
        """Take note that a program's connection ended."""

    def take(self, peer: Peer, message: Message) -> None:
        """Handle one message of a program."""


class Peer(asyncio.Protocol):
    """A connected program; nothing it sends can hurt more than its own connection."""

    _transport: asyncio.Transport
    _sasl: SaslServer

    def __init__(self, bus: PeerBus) -> None:
        self._bus = bus
        self._stream = MessageStream()
        self._may_write = asyncio.Event()
        self._may_write.set()
        self.name, self.pid, self._greeted = bus.unique_name(), 0, False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask the kernel who is calling."""
        if not isinstance(transport, asyncio.Transport):  # the loop gives a stream nothing else
            raise TypeError(transport)
        self._transport = transport
        self.pid, uid = _credentials(transport)
        self._sasl = SaslServer(uid, os.getuid(), self._bus.guid)
        self._login = asyncio.get_running_loop().call_later(LOGIN_S, transport.abort)

    def data_received(self, data: bytes) -> None:
        """Take in octets: first the login, then messages."""
        try:
            for message in self._stream.feed(data if self._sasl.begun else self._log_in(data)):
                self._take(message)
        except InputError:
            self.cut()

    def _log_in(self, data: bytes) -> bytes:
        self._transport.write(self._sasl.feed(data))
        return self._sasl.rest

    def _take(self, message: Message) -> None:
        if not self._greeted and message.member != "Hello":
            raise InputError("D-Bus: a message before Hello")
        message.sender = self.name
        self._bus.take(self, message)

    def hello(self) -> str:
        """Join the bus and return this program's unique name; InputError the second time."""
        if self._greeted:
            raise InputError("Hello was said already")
        self._login.cancel()
        self._bus.join(self)
        self._greeted = True
        return self.name

    def send(self, octets: bytes) -> None:
        """Write octets; a program that lets too much pile up is cut off."""
        self._transport.write(octets)
        if self._transport.get_write_buffer_size() > BACKLOG_MAX:
            self.cut()

    def pause_writing(self) -> None:
        """Take note that the socket is full."""
        self._may_write.clear()

    def resume_writing(self) -> None:
        """Take note that the socket has room again."""
        self._may_write.set()

    async def drained(self, patience_s: float) -> None:
        """Wait until the socket has room; cut the program off if that takes too long."""
        if self._may_write.is_set():
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._may_write.wait(), patience_s)
            return
        self.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the bus that this program has gone."""
        self._login.cancel()
        self._may_write.set()
        self._bus.part(self)

    def cut(self) -> None:
        """End the connection at once."""
        self._transport.abort()


def _credentials(transport: asyncio.Transport) -> tuple[int, int]:
    wire: socket.socket = transport.get_extra_info("socket")
    if not hasattr(socket, "SO_PEERCRED"):
        raise InputError("the virtual BlueZ is for Linux; elsewhere use BleakScanner(backend=…)")
    told = wire.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid, uid, _gid = struct.unpack("3i", told)
    return int(pid), int(uid)
