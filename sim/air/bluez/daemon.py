"""The virtual BlueZ on a real dbus-daemon: the same service, behind a bus that others wrote."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from types import TracebackType

from dbus_fast import Message, MessageFlag, MessageType

from badge.errors import InputError
from sim.air.bluez.link import NAME, NameOwner
from sim.air.bluez.service import Bluez
from sim.air.bluez.timer_pump import TimerPump
from sim.air.dbus.driver_interface import DRIVER
from sim.air.dbus.stream import MessageStream, encode
from sim.air.radio.air import Air

_LEAVING = f"type='signal',sender='{DRIVER}',member='NameOwnerChanged',arg2=''"
_PATIENCE_S = 10.0
_APPEARING = "type='signal',interface='org.freedesktop.DBus.ObjectManager'"


class DaemonLink(asyncio.Protocol):
    """`async with DaemonLink(air, socket):` makes the air the owner of org.bluez on that bus.

    InputError if nothing listens there or the bus does not let us have the name.
    """

    _transport: asyncio.Transport

    def __init__(self, air: Air, socket: str) -> None:
        self._air, self._socket = air, socket
        self._bluez = Bluez(air, self)
        self._stream = MessageStream()
        self._greeting = bytearray()
        self._answers: dict[int, Callable[[Message], None]] = {}
        self._serial = 0
        self._logged_in = False
        self._ready: asyncio.Future[None]

    async def __aenter__(self) -> DaemonLink:
        loop = asyncio.get_running_loop()
        self._ready = loop.create_future()
        try:
            await loop.create_unix_connection(lambda: self, self._socket)
        except OSError as error:
            raise InputError(f"{self._socket}: no message bus ({error.strerror})") from error
        try:
            await asyncio.wait_for(self._ready, _PATIENCE_S)
        except BaseException as error:
            self._transport.abort()
            await asyncio.sleep(0)
            if isinstance(error, TimeoutError):
                raise InputError(f"{self._socket}: the message bus does not answer") from None
            raise
        self._leave = self._air.serve(self._bluez)
        self._pump = TimerPump(self._air.timers)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pump.close()
        self._leave()
        self._transport.close()
        await asyncio.sleep(0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Log in as this user."""
        if not isinstance(transport, asyncio.Transport):  # the loop gives a stream nothing else
            raise TypeError(transport)
        self._transport = transport
        transport.write(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n")

    def data_received(self, data: bytes) -> None:
        """Take in octets: the login's answer, then messages."""
        if self._logged_in:
            for message in self._stream.feed(data):
                self._take(message)
            return
        self._greeting += data
        if self._greeting.endswith(b"\r\n"):
            self._begin(bytes(self._greeting))

    def _begin(self, greeting: bytes) -> None:
        if not greeting.startswith(b"OK "):
            self._fail(f"{self._socket}: the bus refused the login")
            return
        self._logged_in = True
        self._transport.write(b"BEGIN\r\n")
        self._ask_bus("Hello", "", [])
        self._ask_bus("AddMatch", "s", [_LEAVING])
        self._ask_bus("AddMatch", "s", [_APPEARING])
        self.own(NAME, self._bluez)

    def _fail(self, sentence: str) -> None:
        if not self._ready.done():
            self._ready.set_exception(InputError(sentence))

    def _named(self, answer: Message) -> None:
        if self._ready.done():
            return
        if answer.message_type is MessageType.METHOD_RETURN and answer.body == [1]:
            self._ready.set_result(None)
        else:
            self._fail(f"{self._socket}: the bus does not give us {NAME}: {answer.body}")

    def _take(self, message: Message) -> None:
        if message.message_type is MessageType.METHOD_CALL:
            answer = self._bluez.call(message)
            if answer is not None and not message.flags & MessageFlag.NO_REPLY_EXPECTED:
                self._send(answer)
        elif message.message_type is not MessageType.SIGNAL:
            then = self._answers.pop(message.reply_serial or 0, None)
            if then is not None:
                then(message)
        elif message.member == "NameOwnerChanged":
            self._bluez.leave(message.body[0])
        else:
            self._bluez.hear(message)

    def _send(self, message: Message) -> None:
        self._serial += 1
        message.serial = self._serial
        self._transport.write(encode(message))

    def _ask_bus(
        self,
        member: str,
        signature: str,
        body: list[object],
        then: Callable[[Message], None] = lambda _: None,
    ) -> None:
        path = "/org/freedesktop/DBus"
        call = Message(DRIVER, path, DRIVER, member, signature=signature, body=body)
        self.ask(call, then)

    def emit(self, signal: Message) -> None:
        """Send a signal; the daemon knows who wants it."""
        self._send(signal)

    def reply(self, answer: Message) -> None:
        """Send an answer that was not given at once."""
        self._send(answer)

    def soon(self, action: Callable[[], None]) -> None:
        """Do something when what has arrived is dealt with."""
        asyncio.get_running_loop().call_soon(action)

    def ask(self, call: Message, then: Callable[[Message], None]) -> None:
        """Call a program or the daemon; `then` gets the answer."""
        self._send(call)
        self._answers[call.serial] = then

    def own(self, name: str, service: NameOwner) -> None:
        """Request the name."""
        self._ask_bus("RequestName", "su", [name, 4], self._named)  # 4: do not queue

    def disown(self, name: str) -> None:
        """Release the name."""
        self._ask_bus("ReleaseName", "s", [name])
