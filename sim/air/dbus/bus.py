"""A minimal message bus in this process: programs on one side, one service on the other."""

from __future__ import annotations

from asyncio import AbstractServer, get_running_loop, sleep
from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from dbus_fast import Message, MessageFlag, MessageType

from badge.errors import InputError
from sim.air.dbus.driver import DRIVER, Driver, driver_signal
from sim.air.dbus.listening_socket import ListeningSocket
from sim.air.dbus.peer import Peer
from sim.air.dbus.stream import encode
from sim.air.dbus.subscriptions import Subscriptions

PEERS_MAX = 64
_STALLED_S = 5.0


class Service(Protocol):
    """What stands behind a well-known name."""

    def call(self, message: Message) -> Message | None:
        """Answer a method call; None to answer nothing."""

    def hear(self, message: Message) -> None:
        """Take note of a program's signal."""

    def leave(self, sender: str) -> None:
        """Take note that a program has gone."""


class Bus:
    """A unix socket that speaks D-Bus; `own` gives a service its name, `disown` takes it away."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.guid = uuid4().hex
        self.owners: dict[str, str] = {}
        self.peers: dict[str, Peer] = {}
        self.rules: Subscriptions[Peer] = Subscriptions()
        self.joined = 0
        self._service: Service | None = None
        self._place: ListeningSocket | None = None
        self._server: AbstractServer | None = None
        self._answers: dict[int, Callable[[Message], None]] = {}
        self._driver = Driver(self)
        self._serial = self._names = 0

    @property
    def address(self) -> str:
        """The value for DBUS_SYSTEM_BUS_ADDRESS."""
        return f"unix:path={self.socket}"

    async def open(self) -> None:
        """Listen; the socket is this user's alone.  InputError if the place cannot be used."""
        self._place = ListeningSocket(self.socket)
        self._server = await get_running_loop().create_unix_server(
            lambda: Peer(self), sock=self._place.socket
        )

    async def close(self) -> None:
        """Stop listening and cut every program off, as a bus does that dies."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for peer in list(self.peers.values()):
            peer.cut()
        await sleep(0)
        if self._place is not None:
            self._place.remove()
            self._place = None

    def own(self, name: str, service: Service) -> None:
        """Give a service the name, under a new unique name as after every start."""
        self._service = service
        self.owners[name] = self.unique_name()
        self._owner_changed(name, "", self.owners[name])

    def disown(self, name: str) -> None:
        """Take the name away; calls to it are errors from now on."""
        self._service = None
        self._answers.clear()
        self._owner_changed(name, self.owners.pop(name), "")

    @property
    def _owner(self) -> str:
        return next(iter(self.owners.values()), "")

    def unique_name(self) -> str:
        """Return a name that nobody had."""
        self._names += 1
        return f":1.{self._names}"

    def _owner_changed(self, name: str, old: str, new: str) -> None:
        self.broadcast(driver_signal("NameOwnerChanged", "sss", [name, old, new]))

    def join(self, peer: Peer) -> None:
        """Let a program in that said Hello; InputError if the bus is full."""
        if len(self.peers) >= PEERS_MAX:
            raise InputError(f"the bus is full: {PEERS_MAX} programs")
        self.peers[peer.name] = peer
        self.joined += 1
        self._owner_changed(peer.name, "", peer.name)

    def add_rule(self, client: Peer, text: str) -> None:
        """Remember a match rule of a program; InputError if it is none."""
        self.rules.add(client, text)

    def drop_rule(self, client: Peer, text: str) -> bool:
        """Forget a match rule of a program; False if it was not there."""
        return self.rules.drop(client, text)

    def part(self, peer: Peer) -> None:
        """Take note that a program's connection ended."""
        self.rules.leave(peer)
        if self.peers.pop(peer.name, None) is not None:
            self._owner_changed(peer.name, peer.name, "")
            if self._service is not None:
                self._service.leave(peer.name)

    def take(self, peer: Peer, message: Message) -> None:
        """Handle one message of a program."""
        kind = message.message_type
        if kind is MessageType.METHOD_CALL:
            answer = self._call(peer, message)
            if answer is not None and not message.flags & MessageFlag.NO_REPLY_EXPECTED:
                self._post(peer, answer)
        elif kind is MessageType.SIGNAL:
            if self._service is not None:
                self._service.hear(message)
        elif message.reply_serial in self._answers:
            self._answers.pop(message.reply_serial)(message)

    def _call(self, peer: Peer, message: Message) -> Message | None:
        if message.destination in (None, DRIVER):
            return self._driver.call(peer, message)
        service, owned = self._service, self.owners
        if service is None or message.destination not in {*owned, *owned.values()}:
            return Message.new_error(
                message,
                "org.freedesktop.DBus.Error.ServiceUnknown",
                f"The name {message.destination} was not provided by any .service files",
            )
        answer = service.call(message)
        if answer is not None:
            answer.sender = self._owner
        return answer

    def broadcast(self, message: Message) -> None:
        """Send a signal to every program whose rules want it."""
        message.sender = message.sender or self._owner
        wanting = self.rules.wanting(message, self.owners)
        octets = self._octets(message) if wanting else b""
        for peer in wanting:
            peer.send(octets)

    def emit(self, signal: Message) -> None:
        """Send a signal of the service."""
        self.broadcast(signal)

    def ask(self, call: Message, then: Callable[[Message], None]) -> None:
        """Let the service call a program; `then` gets the answer, if one comes."""
        peer = self.peers.get(call.destination or "")
        if peer is not None:
            call.sender = self._owner
            octets = self._octets(call)
            self._answers[call.serial] = then
            peer.send(octets)

    def _post(self, peer: Peer, message: Message) -> None:
        message.sender = message.sender or DRIVER
        peer.send(self._octets(message))

    def _octets(self, message: Message) -> bytes:
        self._serial += 1
        message.serial = self._serial
        return encode(message)

    async def drain(self) -> None:
        """Wait until every program has read enough; one that reads nothing for 5 s is cut off."""
        for peer in list(self.peers.values()):
            await peer.drained(_STALLED_S)
