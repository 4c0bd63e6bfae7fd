"""The objects of a service and what is told of them, in the order of BlueZ's D-Bus library.

Changes wait until the loop is idle, so that several become one signal; before any other message
goes out they are sent, and an object that goes says its own last changes first (gdbus/object.c).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dbus_fast import Message, Variant

from sim.air.bluez.interfaces import (
    DBUS,
    INTERFACES,
    INTROSPECTABLE,
    OBJECTS,
    PEER,
    PROPERTIES,
    Interface,
)
from sim.air.bluez.introspection import xml_of

Answer = tuple[str, list[object]]
Call = Callable[[Message], Answer | None]
Values = Callable[[], Mapping[str, object]]
Tree = dict[str, dict[str, Variant]]


class BusRefusalError(Exception):
    """An error of D-Bus itself: the last part of its name, and its text."""


def nothing() -> Mapping[str, object]:
    """Return the properties of what has none."""
    return {}


@dataclass(slots=True)
class ObjectPart:
    """One interface of one object: its methods and its properties as plain values.

    A method answers (signature, body), or None if it answers by itself, later.  `write` sets a
    property and answers likewise.
    """

    interface: Interface
    values: Values = nothing
    calls: Mapping[str, Call] = field(default_factory=dict)
    write: Callable[[str, object, Message], Answer | None] | None = None


@dataclass(slots=True)
class _Pending:
    added: list[str] = field(default_factory=list)
    changed: dict[str, dict[str, None]] = field(default_factory=dict)


class Objects:
    """Paths and their interfaces.  `emit` sends a signal, `soon` calls back when all is quiet.

    With `merge` False every change is a signal of its own, at once.
    """

    def __init__(
        self,
        emit: Callable[[Message], None],
        soon: Callable[[Callable[[], None]], None],
        machine_id: str,
        *,
        merge: bool,
    ) -> None:
        self._emit, self._soon, self._machine_id, self._merge = emit, soon, machine_id, merge
        self._parts: dict[str, dict[str, ObjectPart]] = {}
        self._pending: dict[str, _Pending] = {}
        self._scheduled = False

    def __contains__(self, path: object) -> bool:
        """Tell whether there is an object."""
        return path in self._parts

    # --- coming, changing and going ------------------------------------------------------------

    def add(self, path: str, *parts: ObjectPart, quiet: bool = False) -> None:
        """Put interfaces on an object; `quiet` tells nobody (all of it is there from the start)."""
        known = self._parts.setdefault(path, {})
        fresh = [] if known else [INTROSPECTABLE]
        known.setdefault(INTROSPECTABLE, ObjectPart(INTERFACES[INTROSPECTABLE]))
        for part in parts:
            known[part.interface.name] = part
            fresh.append(part.interface.name)
            if part.interface.properties and PROPERTIES not in known:
                known[PROPERTIES] = ObjectPart(INTERFACES[PROPERTIES])
                fresh.append(PROPERTIES)
        if not quiet:
            self._note(path).added += fresh
            self._wake()

    def changed(self, path: str, interface: str, names: Sequence[str]) -> None:
        """Tell of properties that changed, or that are no more, in this order."""
        pending = self._note(path)
        if interface in pending.added:
            return
        known = pending.changed.setdefault(interface, {})
        for name in names:
            known[name] = None
        self._wake()

    def remove(self, path: str, *order: str) -> None:
        """Take interfaces off an object, or the object away, at once, told in this order."""
        self._send_changes(path, self._pending.pop(path, _Pending()))
        parts = self._parts[path]
        names = list(order) or [
            *(name for name in (PROPERTIES, INTROSPECTABLE) if name in parts),
            *(name for name in parts if name not in (PROPERTIES, INTROSPECTABLE)),
        ]
        for name in names:
            del parts[name]
        if not parts:
            del self._parts[path]
        self._signal("/", OBJECTS, "InterfacesRemoved", "oas", [path, names])

    def clear(self) -> None:
        """Forget everything without a word."""
        self._parts.clear()
        self._pending.clear()

    def flush(self) -> None:
        """Send all changes that wait."""
        self._scheduled = False
        pending, self._pending = self._pending, {}
        for path, one in pending.items():
            self._send_changes(path, one)

    def _note(self, path: str) -> _Pending:
        return self._pending.setdefault(path, _Pending())

    def _wake(self) -> None:
        if not self._merge:
            self.flush()
        elif not self._scheduled:
            self._scheduled = True
            self._soon(self.flush)

    def _send_changes(self, path: str, pending: _Pending) -> None:
        parts = self._parts.get(path, {})
        added = [name for name in pending.added if name in parts]
        if added:
            told = {name: self._variants(parts[name]) for name in added}
            self._signal("/", OBJECTS, "InterfacesAdded", "oa{sa{sv}}", [path, told])
        for name, changed in pending.changed.items():
            if name in parts:
                self._send_properties(path, parts[name], list(changed))

    def _send_properties(self, path: str, part: ObjectPart, names: list[str]) -> None:
        values = part.values()
        there = {name: values[name] for name in names if name in values}
        gone = [name for name in names[::-1] if name not in values]
        body: list[object] = [part.interface.name, part.interface.variants(there), gone]
        self._signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", body)

    def _signal(
        self, path: str, interface: str, member: str, signature: str, body: list[object]
    ) -> None:
        self._emit(Message.new_signal(path, interface, member, signature, body))

    @staticmethod
    def _variants(part: ObjectPart) -> dict[str, Variant]:
        return part.interface.variants(part.values())

    # --- what programs call --------------------------------------------------------------------

    def call(self, message: Message) -> Answer | None:
        """Answer a method call; None if the answer comes later.  BusRefusalError if it is wrong."""
        path = message.path or ""
        if message.interface == PEER:
            return self._peer(message)
        if message.interface == INTROSPECTABLE and message.member == "Introspect":
            return "s", [self._introspect(path, message)]
        if path == "/" and (message.interface, message.member) == (OBJECTS, "GetManagedObjects"):
            return "a{oa{sa{sv}}}", [self.tree()]
        parts = self._parts.get(path)
        if parts is None:
            raise BusRefusalError("UnknownObject", doesnt_exist(message))
        if message.interface == PROPERTIES and PROPERTIES in parts:
            return self._property(message, parts)
        part = parts.get(message.interface or "")
        call = part.calls.get(message.member or "") if part else None
        if part is None or call is None or not self._fits(part, message):
            raise BusRefusalError("UnknownMethod", doesnt_exist(message))
        return call(message)

    def tree(self) -> dict[str, Tree]:
        """Return what GetManagedObjects answers."""
        return {
            path: {name: self._variants(part) for name, part in self._parts[path].items()}
            for path in self._below("")
        }

    def _below(self, parent: str) -> Iterator[str]:
        """Yield the objects below one, each before its own, the newest first as gdbus does."""
        children: dict[str, list[str]] = {}
        for path in self._parts:
            above = path
            while above and (above := above.rpartition("/")[0]) not in self._parts:
                pass
            children.setdefault(above, []).append(path)
        waiting = children.get(parent, [])[:]
        while waiting:
            path = waiting.pop()
            yield path
            waiting += children.get(path, [])

    @staticmethod
    def _fits(part: ObjectPart, message: Message) -> bool:
        return part.interface.methods[message.member or ""].signature == message.signature

    def _peer(self, message: Message) -> Answer:
        if message.member == "GetMachineId":
            return "s", [self._machine_id]
        if message.member == "Ping":
            return "", []
        raise BusRefusalError("UnknownMethod", doesnt_exist(message))

    def _introspect(self, path: str, message: Message) -> str:
        children = dict.fromkeys(self._children(path))
        parts = self._parts.get(path)
        if parts is None and not children and path != "/":
            raise BusRefusalError("UnknownObject", doesnt_exist(message))
        found = [part.interface for part in (parts or {}).values()]
        if parts is None:
            found.append(INTERFACES[INTROSPECTABLE])
        if path == "/":
            found.append(INTERFACES[OBJECTS])
        return xml_of(found, children)

    def _children(self, path: str) -> Iterator[str]:
        prefix = path.rstrip("/") + "/"
        for known in self._parts:
            if known.startswith(prefix):
                yield known[len(prefix) :].partition("/")[0]

    def _property(self, message: Message, parts: dict[str, ObjectPart]) -> Answer | None:
        method = INTERFACES[PROPERTIES].methods.get(message.member or "")
        if method is None or method.signature != message.signature:
            raise BusRefusalError("UnknownMethod", doesnt_exist(message))
        part = parts.get(message.body[0])
        if part is None:
            raise BusRefusalError("InvalidArgs", f"No such interface '{message.body[0]}'")
        if message.member == "GetAll":
            return "a{sv}", [self._variants(part)]
        name = message.body[1]
        values = part.values()
        if message.member == "Set":
            return self._set(message, part, name in values)
        if name not in values:
            raise BusRefusalError("InvalidArgs", f"No such property '{name}'")
        return "v", [part.interface.variant(name, values[name])]

    @staticmethod
    def _set(message: Message, part: ObjectPart, exists: bool) -> Answer | None:
        _, name, value = message.body
        if not exists:
            raise BusRefusalError("UnknownProperty", f"No such property '{name}'")
        if not part.interface.is_writable(name) or part.write is None:
            raise BusRefusalError("PropertyReadOnly", f"Property '{name}' is not writable")
        if value.signature != part.interface.type_of(name):
            raise BusRefusalError("InvalidSignature", f"Invalid signature for '{name}'")
        return part.write(name, value.value, message)


def doesnt_exist(message: Message) -> str:
    """Return what gdbus says of a method that is not there, its line's end included."""
    return (
        f'Method "{message.member}" with signature "{message.signature}" on interface '
        f'"{message.interface or "(null)"}" doesn\'t exist\n'
    )


REFUSAL = DBUS + "Error."
