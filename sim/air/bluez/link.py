"""What the service needs of a bus, and how it answers there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from dbus_fast import Message, MessageFlag

from sim.air.bluez.objects import REFUSAL, Answer, BusRefusalError, Objects
from sim.air.radio.refusals import AirRefusalError, Done

NAME = "org.bluez"


class NameOwner(Protocol):
    """What a bus calls of whoever owns a name."""

    def call(self, message: Message) -> Message | None:
        """Answer a method call; None if the answer comes later, or never."""

    def hear(self, message: Message) -> None:
        """Take note of a program's signal."""

    def leave(self, sender: str) -> None:
        """Take note that a program has gone."""


class BusLink(Protocol):
    """A bus that carries the service: our own one, or a real dbus-daemon."""

    def emit(self, signal: Message) -> None:
        """Send a signal."""

    def reply(self, answer: Message) -> None:
        """Send an answer to the program that it is for."""

    def ask(self, call: Message, then: Callable[[Message], None]) -> None:
        """Call a program; `then` gets the answer, if one comes."""

    def own(self, name: str, service: NameOwner) -> None:
        """Take the well-known name."""

    def disown(self, name: str) -> None:
        """Give the well-known name back."""

    def soon(self, action: Callable[[], None]) -> None:
        """Do something when what has arrived is dealt with."""


class Answers:
    """Sends answers and calls; what waits to be told goes out before them, as in gdbus."""

    def __init__(self, link: BusLink, objects: Objects) -> None:
        self._link, self._objects = link, objects

    def answer(self, call: Message, signature: str = "", body: list[object] | None = None) -> None:
        """Send the answer to a call."""
        self._send(call, Message.new_method_return(call, signature, body or []))

    def refuse(self, call: Message, refusal: AirRefusalError) -> None:
        """Send an error of BlueZ as the answer to a call."""
        self._send(call, refused(call, refusal))

    def done(self, call: Message) -> Done:
        """Return what sends an empty answer, or the refusal that it is given."""

        def send(refusal: AirRefusalError | None) -> None:
            if refusal is None:
                self.answer(call)
            else:
                self.refuse(call, refusal)

        return send

    def ask(self, call: Message, then: Callable[[Message], None] = lambda _: None) -> None:
        """Call a program."""
        self._objects.flush()
        self._link.ask(call, then)

    def _send(self, call: Message, answer: Message) -> None:
        self._objects.flush()
        if not call.flags & MessageFlag.NO_REPLY_EXPECTED:
            self._link.reply(answer)


def refused(call: Message, refusal: AirRefusalError) -> Message:
    """Return an error of BlueZ as a message."""
    return Message.new_error(call, f"{NAME}.Error.{refusal.name}", refusal.text)


def answered(call: Message, answer: Callable[[Message], Answer | None]) -> Message | None:
    """Return the message that answers a call, or its error; None if the answer comes later."""
    try:
        told = answer(call)
    except AirRefusalError as refusal:
        return refused(call, refusal)
    except BusRefusalError as refusal:
        return Message.new_error(call, REFUSAL + refusal.args[0], refusal.args[1])
    return None if told is None else Message.new_method_return(call, *told)
