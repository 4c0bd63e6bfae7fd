"""The bus's own object, org.freedesktop.DBus: names and match rules."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from typing import Generic, Protocol, TypeVar

from dbus_fast import Message

from badge.errors import InputError

DRIVER = "org.freedesktop.DBus"
_ERROR = DRIVER + ".Error."
Answer = tuple[str, list[object]]


def driver_signal(member: str, signature: str, body: list[object]) -> Message:
    """Return a signal of the bus itself."""
    signal = Message.new_signal("/org/freedesktop/DBus", DRIVER, member, signature, body)
    signal.sender = DRIVER
    return signal


class Client(Protocol):
    """The part of a program's connection that the driver needs."""

    def hello(self) -> str:
        """Join the bus; return the unique name."""


_Client = TypeVar("_Client", bound=Client)
_ClientIn = TypeVar("_ClientIn", bound=Client, contravariant=True)


class Names(Protocol[_ClientIn]):
    """The part of a bus that the driver answers from: who is there, and what they want."""

    @property
    def guid(self) -> str:
        """The identity of this bus."""

    @property
    def owners(self) -> Mapping[str, str]:
        """Well-known names and the unique names that own them."""

    @property
    def peers(self) -> Collection[str]:
        """Unique names of the programs."""

    def add_rule(self, client: _ClientIn, text: str) -> None:
        """Remember a match rule; InputError if it is none."""

    def drop_rule(self, client: _ClientIn, text: str) -> bool:
        """Forget a match rule; False if it was not there."""


class Driver(Generic[_Client]):
    """Answers what programs ask the bus."""

    def __init__(self, bus: Names[_Client]) -> None:
        self._bus = bus
        self._methods: dict[tuple[str, str], Callable[[_Client, str], Answer]] = {
            ("Hello", ""): self._hello,
            ("AddMatch", "s"): self._add_match,
            ("RemoveMatch", "s"): self._remove_match,
            ("GetNameOwner", "s"): self._get_name_owner,
            ("NameHasOwner", "s"): self._name_has_owner,
            ("ListNames", ""): lambda *_: _answer("as", self._names()),
            ("ListActivatableNames", ""): lambda *_: _answer("as", []),
            ("GetId", ""): lambda *_: _answer("s", self._bus.guid),
            ("GetConnectionUnixUser", "s"): lambda *_: _answer("u", os.getuid()),
            ("RequestName", "su"): self._refuse_name,
            ("ReleaseName", "s"): lambda *_: _answer("u", 2),  # 2: there is no such name
            ("Ping", ""): lambda *_: ("", []),
        }

    def call(self, client: _Client, message: Message) -> Message:
        """Answer one method call."""
        method = self._methods.get((message.member or "", message.signature))
        if method is None:
            text = f"{DRIVER} has no {message.member}({message.signature})"
            return Message.new_error(message, _ERROR + "UnknownMethod", text)
        try:
            signature, body = method(client, message.body[0] if message.body else "")
        except KeyError as error:
            text = f"Could not get owner of name '{error.args[0]}': no such name"
            return Message.new_error(message, _ERROR + "NameHasNoOwner", text)
        except InputError as error:
            return Message.new_error(message, _ERROR + "Failed", str(error))
        return Message.new_method_return(message, signature, body)

    def _names(self) -> list[str]:
        return [DRIVER, *self._bus.owners, *self._bus.owners.values(), *self._bus.peers]

    def _hello(self, client: _Client, _: str) -> Answer:
        return "s", [client.hello()]

    def _add_match(self, client: _Client, text: str) -> Answer:
        self._bus.add_rule(client, text)
        return "", []

    def _remove_match(self, client: _Client, text: str) -> Answer:
        if not self._bus.drop_rule(client, text):
            raise InputError(f"there is no match rule {text!r}")
        return "", []

    def _get_name_owner(self, _: _Client, name: str) -> Answer:
        if name in (DRIVER, *self._bus.peers):
            return "s", [name]
        return "s", [self._bus.owners[name]]

    def _name_has_owner(self, _: _Client, name: str) -> Answer:
        return "b", [name in self._names()]

    def _refuse_name(self, _: _Client, name: str) -> Answer:
        return "u", [3]  # 3: the name exists and stays with its owner


def _answer(signature: str, value: object) -> Answer:
    return signature, [value]
