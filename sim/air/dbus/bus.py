"""A message bus in this process: programs on one side, one service on the other."""

from __future__ import annotations

from asyncio import AbstractServer, get_running_loop, sleep
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from dbus_fast import Message, MessageFlag, MessageType

from badge.errors import InputError
from sim.air.dbus.driver import Driver, driver_signal
from sim.air.dbus.driver_interface import DRIVER
from sim.air.dbus.listening_socket import ListeningSocket
from sim.air.dbus.names import DO_NOT_QUEUE, EXISTS, NAMES_MAX, Change, NameRegistry
from sim.air.dbus.peer import Peer
from sim.air.dbus.stream import encode
from sim.air.dbus.subscriptions import Subscriptions

PEERS_MAX = 64
_STALLED_S = 5.0
_ERROR = DRIVER + ".Error."


class WellKnownService(Protocol):
    """What stands behind a well-known name."""

    def call(self, message: Message) -> Message | None:
        """Answer a method call; None if `reply` brings the answer later."""

    def hear(self, message: Message) -> None:
        """Take note of a program's signal."""

    def leave(self, sender: str) -> None:
        """Take note that a program has gone."""


class Bus:
    """A unix socket that speaks D-Bus; `own` gives a service its name, `disown` takes it away."""

    def __init__(self, socket: Path, machine_id: str = "0" * 32) -> None:
        self.socket, self.machine_id = socket, machine_id
        self.guid = uuid4().hex
        self.peers: dict[str, Peer] = {}
        self.rules: Subscriptions[Peer] = Subscriptions()
        self.joined = 0
        self._names = NameRegistry()
        self._service: WellKnownService | None = None
        self._owner = ""  # the service's unique name
        self._place: ListeningSocket | None = None
        self._server: AbstractServer | None = None
        self._answers: dict[int, tuple[str, Callable[[Message], None]]] = {}
        self._watching: dict[Peer, None] = {}  # who sees every message (busctl monitor)
        self._driver = Driver(self)
        self._serial = self._unique = 0

    @property
    def address(self) -> str:
        """The value for DBUS_SYSTEM_BUS_ADDRESS."""
        return f"unix:path={self.socket}"

    @property
    def owners(self) -> Mapping[str, str]:
        """Well-known names and the unique names that own them."""
        return self._names.owners

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

    # --- the service ---------------------------------------------------------------------------

    def own(self, name: str, service: WellKnownService) -> None:
        """Give a service the name, under a new unique name as after every start."""
        self._service, self._owner = service, self.unique_name()
        self._tell(self._names.request(name, self._owner, DO_NOT_QUEUE)[1])

    def disown(self, name: str) -> None:
        """Take the name away; calls to it are errors from now on."""
        owner, self._owner = self._owner, ""
        self._service = None
        self._answers.clear()
        self._tell(self._names.release(name, owner)[1], owner)

    def emit(self, signal: Message) -> None:
        """Send a signal of the service."""
        signal.sender = self._owner
        self.broadcast(signal)

    def reply(self, answer: Message) -> None:
        """Send an answer of the service that was not given at once."""
        peer = self.peers.get(answer.destination or "")
        if peer is not None and self._owner:
            answer.sender = self._owner
            self._send(peer, answer)

    def ask(self, call: Message, then: Callable[[Message], None]) -> None:
        """Let the service call a program; `then` gets the answer, if one comes."""
        peer = self.peers.get(call.destination or "")
        if peer is not None:
            call.sender = self._owner
            octets = self._octets(call)
            self._answers[call.serial] = (peer.name, then)
            peer.send(octets)
            self._show(call, octets)

    def soon(self, action: Callable[[], None]) -> None:
        """Do something when what has arrived is dealt with."""
        get_running_loop().call_soon(action)

    # --- names ---------------------------------------------------------------------------------

    def unique_name(self) -> str:
        """Return a name that nobody had."""
        self._unique += 1
        return f":1.{self._unique}"

    def queue(self, name: str) -> list[str]:
        """Return the owner of a name and those who wait for it; KeyError if nobody has it."""
        return self._names.queue(name)

    def request_name(self, client: Peer, name: str, flags: int) -> int:
        """Ask for a name; nobody waits for the service's own, which it takes again itself."""
        if self._owner and self.owners.get(name) == self._owner:
            return EXISTS
        if self._names.held_by(client.name) >= NAMES_MAX:
            raise InputError(f"more than {NAMES_MAX} names")
        code, changes = self._names.request(name, client.name, flags)
        self._tell(changes)
        return code

    def release_name(self, client: Peer, name: str) -> int:
        """Give a name back."""
        code, changes = self._names.release(name, client.name)
        self._tell(changes)
        return code

    def _tell(self, changes: Iterable[Change], gone: str = "") -> None:
        for name, old, new in changes:
            self._unicast(old, driver_signal("NameLost", "s", [name]))
            self.broadcast(driver_signal("NameOwnerChanged", "sss", [name, old, new]))
            self._unicast(new, driver_signal("NameAcquired", "s", [name]))
        if gone:
            self.broadcast(driver_signal("NameOwnerChanged", "sss", [gone, gone, ""]))

    def _unicast(self, to: str, signal: Message) -> None:
        peer = self.peers.get(to)
        if peer is not None:
            signal.destination = to
            self._send(peer, signal)

    # --- programs ------------------------------------------------------------------------------

    def join(self, peer: Peer) -> None:
        """Let a program in that said Hello; InputError if the bus is full."""
        if len(self.peers) >= PEERS_MAX:
            raise InputError(f"the bus is full: {PEERS_MAX} programs")
        self.peers[peer.name] = peer
        self.joined += 1

    def add_rule(self, client: Peer, text: str) -> None:
        """Remember a match rule of a program; InputError if it is none."""
        self.rules.add(client, text)

    def drop_rule(self, client: Peer, text: str) -> bool:
        """Forget a match rule of a program; False if it was not there."""
        return self.rules.drop(client, text)

    def watch(self, client: Peer) -> None:
        """Show a program every message from now on; it is no program of the bus any more."""
        self._watching[client] = None
        self._leave(client)

    def part(self, peer: Peer) -> None:
        """Take note that a program's connection ended."""
        self._watching.pop(peer, None)
        self._leave(peer)

    def _leave(self, peer: Peer) -> None:
        self.rules.leave(peer)
        if self.peers.pop(peer.name, None) is not None:
            self._tell(self._names.drop(peer.name), peer.name)
            waiting = [serial for serial, (who, _) in self._answers.items() if who == peer.name]
            for serial in waiting:
                del self._answers[serial]
            if self._service is not None:
                self._service.leave(peer.name)

    def take(self, peer: Peer, message: Message) -> None:
        """Handle one message of a program."""
        if peer in self._watching:
            return  # a monitor only listens
        self._show(message)
        if message.message_type is MessageType.METHOD_CALL:
            answer = self._call(peer, message)
            if answer is not None and not message.flags & MessageFlag.NO_REPLY_EXPECTED:
                self._post(peer, answer)
            if message.member == "Hello" and message.destination == DRIVER:
                self._welcome(peer)
            if peer in self._watching:
                # It waits for this before it takes what comes for other programs' messages.
                lost = driver_signal("NameLost", "s", [peer.name])
                lost.destination = peer.name
                peer.send(self._octets(lost))
        elif message.destination is not None and message.destination != self._owner:
            self._forward(message)
        elif message.message_type is MessageType.SIGNAL:
            if self._service is not None:
                self._service.hear(message)
            self.broadcast(message)
        else:
            _, then = self._answers.pop(message.reply_serial or 0, ("", None))
            if then is not None:
                then(message)

    def _welcome(self, peer: Peer) -> None:
        # After the answer to Hello, in which a program learns that the name is its own.
        if peer.name in self.peers:
            self._tell([(peer.name, "", peer.name)])

    def _call(self, peer: Peer, message: Message) -> Message | None:
        to = message.destination
        if to in (None, DRIVER):
            return self._driver.call(peer, message)
        if self._service is not None and to in (self._owner, *self._service_names()):
            answer = self._service.call(message)
            if answer is not None:
                answer.sender = self._owner
            return answer
        if self._forward(message):
            return None
        text = f"The name {to} was not provided by any .service files"
        return Message.new_error(message, _ERROR + "ServiceUnknown", text)

    def _service_names(self) -> list[str]:
        return [name for name, owner in self.owners.items() if owner == self._owner]

    def _forward(self, message: Message) -> bool:
        to = message.destination or ""
        receiver = self.peers.get(self.owners.get(to, to))
        if receiver is None:
            return False
        # A program's own serial stays: the answer refers to it.
        receiver.send(encode(message))
        return True

    def broadcast(self, message: Message) -> None:
        """Send a signal to every program whose rules want it."""
        wanting = self.rules.wanting(message, self.owners)
        if not wanting and not self._watching:
            return
        octets = self._octets(message)
        for peer in wanting:
            peer.send(octets)
        self._show(message, octets)

    def _post(self, peer: Peer, message: Message) -> None:
        message.sender = message.sender or DRIVER
        self._send(peer, message)

    def _send(self, peer: Peer, message: Message) -> None:
        octets = self._octets(message)
        peer.send(octets)
        self._show(message, octets)

    def _octets(self, message: Message) -> bytes:
        self._serial += 1
        message.serial = self._serial
        return encode(message)

    def _show(self, message: Message, octets: bytes = b"") -> None:
        if self._watching:
            octets = octets or encode(message)
            for peer in self._watching:
                peer.send(octets)

    async def drain(self) -> None:
        """Wait until every program has read enough; one that reads nothing for 5 s is cut off."""
        for peer in list(self.peers.values()):
            await peer.drained(_STALLED_S)
