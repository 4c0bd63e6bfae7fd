"""The bus's own object, org.freedesktop.DBus: names, match rules and who is connected.

D-Bus specification, Message Bus Messages.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from typing import Any, Generic, Protocol, TypeVar

from dbus_fast import Message, Variant, is_bus_name_valid

from badge.errors import InputError
from sim.air.dbus.driver_interface import DRIVER, INTROSPECTION

PATH = "/org/freedesktop/DBus"
_ERROR = DRIVER + ".Error."
_START_RUNNING = 2  # DBUS_START_REPLY_ALREADY_RUNNING
Answer = tuple[str, list[object]]


class DriverRefusalError(Exception):
    """An error of the bus: the last part of its name, and its text."""


def driver_signal(member: str, signature: str, body: list[object]) -> Message:
    """Return a signal of the bus itself."""
    signal = Message.new_signal(PATH, DRIVER, member, signature, body)
    signal.sender = DRIVER
    return signal


class BusClient(Protocol):
    """The part of a program's connection that the driver needs."""

    @property
    def name(self) -> str:
        """The unique name."""

    @property
    def pid(self) -> int:
        """The process at the other end, as the kernel tells."""

    def hello(self) -> str:
        """Join the bus; return the unique name."""


_Client = TypeVar("_Client", bound=BusClient)


class Names(Protocol[_Client]):
    """The part of a bus that the driver answers from: who is there, and what they want."""

    @property
    def guid(self) -> str:
        """The identity of this bus."""

    @property
    def machine_id(self) -> str:
        """The identity of this machine."""

    @property
    def owners(self) -> Mapping[str, str]:
        """Well-known names and the unique names that own them."""

    @property
    def peers(self) -> Mapping[str, _Client]:
        """The programs by their unique names."""

    def queue(self, name: str) -> Collection[str]:
        """Return the owner of a name and those who wait for it; KeyError if nobody has it."""

    def request_name(self, client: _Client, name: str, flags: int) -> int:
        """Ask for a name; return the answer's code."""

    def release_name(self, client: _Client, name: str) -> int:
        """Give a name back; return the answer's code."""

    def add_rule(self, client: _Client, text: str) -> None:
        """Remember a match rule; InputError if it is none."""

    def drop_rule(self, client: _Client, text: str) -> bool:
        """Forget a match rule; False if it was not there."""

    def watch(self, client: _Client) -> None:
        """Show a program every message from now on."""


class Driver(Generic[_Client]):
    """Answers what programs ask the bus."""

    def __init__(self, bus: Names[_Client]) -> None:
        self._bus = bus
        one: dict[tuple[str, str], Callable[[_Client, str], Answer]] = {
            ("AddMatch", "s"): self._add_match,
            ("RemoveMatch", "s"): self._remove_match,
            ("GetNameOwner", "s"): lambda _, name: ("s", [self._owner(name)]),
            ("NameHasOwner", "s"): lambda _, name: ("b", [name in self._names()]),
            ("ListQueuedOwners", "s"): lambda _, name: ("as", [self._queue(name)]),
            ("ReleaseName", "s"): self._release_name,
            ("GetConnectionUnixUser", "s"): lambda _, name: ("u", [self._user(name)]),
            ("GetConnectionUnixProcessID", "s"): lambda _, name: ("u", [self._pid(name)]),
            ("GetConnectionCredentials", "s"): self._credentials,
            ("GetAll", "s"): self._all_properties,
        }
        none: dict[tuple[str, str], Callable[[_Client], Answer]] = {
            ("Hello", ""): lambda client: ("s", [client.hello()]),
            ("ListNames", ""): lambda _: ("as", [self._names()]),
            ("ListActivatableNames", ""): lambda _: ("as", [[DRIVER]]),
            ("GetId", ""): lambda _: ("s", [self._bus.guid]),
            ("Ping", ""): lambda _: ("", []),
            ("GetMachineId", ""): lambda _: ("s", [self._bus.machine_id]),
            ("Introspect", ""): lambda _: ("s", [INTROSPECTION]),
            ("ReloadConfig", ""): lambda _: _denied("there is no configuration to load"),
        }
        two: dict[tuple[str, str], Callable[[_Client, Any, Any], Answer]] = {
            ("RequestName", "su"): self._request_name,
            ("StartServiceByName", "su"): self._start_service,
            ("Get", "ss"): self._property,
            ("BecomeMonitor", "asu"): self._become_monitor,
        }
        self._calls: tuple[Mapping[tuple[str, str], Callable[..., Answer]], ...] = (none, one, two)

    def call(self, client: _Client, message: Message) -> Message:
        """Answer one method call."""
        key = (message.member or "", message.signature)
        try:
            for calls in self._calls:
                if key in calls:
                    return Message.new_method_return(message, *calls[key](client, *message.body))
        except KeyError as error:
            text = f"Could not get owner of name '{error.args[0]}': no such name"
            return Message.new_error(message, _ERROR + "NameHasNoOwner", text)
        except DriverRefusalError as refusal:
            return Message.new_error(message, _ERROR + refusal.args[0], refusal.args[1])
        except InputError as error:
            return Message.new_error(message, _ERROR + "Failed", str(error))
        text = f"{message.interface or DRIVER} has no {message.member}({message.signature})"
        return Message.new_error(message, _ERROR + "UnknownMethod", text)

    def _names(self) -> list[str]:
        unique = [one for one in self._bus.owners.values() if one not in self._bus.peers]
        return list(dict.fromkeys([DRIVER, *self._bus.owners, *unique, *self._bus.peers]))

    def _add_match(self, client: _Client, text: str) -> Answer:
        try:
            self._bus.add_rule(client, text)
        except InputError as error:
            raise DriverRefusalError("MatchRuleInvalid", str(error)) from error
        return "", []

    def _remove_match(self, client: _Client, text: str) -> Answer:
        if not self._bus.drop_rule(client, text):
            raise DriverRefusalError("MatchRuleNotFound", f"there is no match rule {text!r}")
        return "", []

    def _owner(self, name: str) -> str:
        if name == DRIVER or name in self._bus.peers or name in self._bus.owners.values():
            return name
        return self._bus.owners[name]

    def _queue(self, name: str) -> list[str]:
        return [name] if name in (DRIVER, *self._bus.peers) else list(self._bus.queue(name))

    def _request_name(self, client: _Client, name: str, flags: int) -> Answer:
        if not is_bus_name_valid(name) or name.startswith(":") or name == DRIVER:
            raise DriverRefusalError("InvalidArgs", f"{name!r} cannot be requested")
        return "u", [self._bus.request_name(client, name, flags)]

    def _release_name(self, client: _Client, name: str) -> Answer:
        if not is_bus_name_valid(name) or name.startswith(":") or name == DRIVER:
            raise DriverRefusalError("InvalidArgs", f"{name!r} cannot be released")
        return "u", [self._bus.release_name(client, name)]

    def _start_service(self, _: _Client, name: str, __: int) -> Answer:
        if name not in self._names():
            text = f"The name {name} was not provided by any .service files"
            raise DriverRefusalError("ServiceUnknown", text)
        return "u", [_START_RUNNING]

    def _become_monitor(self, client: _Client, _: list[str], __: int) -> Answer:
        # Its rules are not heeded: it sees everything, and filters for itself.
        self._bus.watch(client)
        return "", []

    def _pid(self, name: str) -> int:
        peer = self._bus.peers.get(self._owner(name))
        return os.getpid() if peer is None else peer.pid

    def _user(self, name: str) -> int:
        self._owner(name)  # whoever is on this bus is this user, or root
        return os.getuid()

    def _credentials(self, _: _Client, name: str) -> Answer:
        user, pid = Variant("u", self._user(name)), Variant("u", self._pid(name))
        return "a{sv}", [{"UnixUserID": user, "ProcessID": pid}]

    @staticmethod
    def _properties() -> dict[str, Variant]:
        return {"Features": Variant("as", []), "Interfaces": Variant("as", [])}

    def _all_properties(self, _: _Client, __: str) -> Answer:
        return "a{sv}", [self._properties()]

    def _property(self, _: _Client, interface: str, name: str) -> Answer:
        if name not in self._properties():
            raise DriverRefusalError("UnknownProperty", f"{interface} has no property {name}")
        return "v", [self._properties()[name]]


def _denied(text: str) -> Answer:
    raise DriverRefusalError("AccessDenied", text)
