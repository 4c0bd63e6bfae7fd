"""org.bluez.AdvertisementMonitorManager1: passive scanning for programs that export patterns."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dbus_fast import Message, Variant, is_object_path_valid

from sim.air.bluez.interfaces import AD_MONITOR, AD_MONITORS, INTERFACES, OBJECTS
from sim.air.bluez.link import Answers
from sim.air.bluez.objects import Answer, ObjectPart
from sim.air.radio.adapter import Adapter
from sim.air.radio.monitor import Monitor, OrPattern, Thresholds, thresholds_of
from sim.air.radio.refusals import AirRefusalError

_ADDED = (OBJECTS, "InterfacesAdded", "oa{sa{sv}}")
_REMOVED = (OBJECTS, "InterfacesRemoved", "oas")
_THRESHOLDS = {
    "RSSIHighThreshold": ("n", "high_dbm"),
    "RSSIHighTimeout": ("q", "high_s"),
    "RSSILowThreshold": ("n", "low_dbm"),
    "RSSILowTimeout": ("q", "low_s"),
    "RSSISamplingPeriod": ("q", "sampling"),
}
Root = tuple[str, str]  # a program's unique name and the path that it registered


class Monitors:
    """The monitors of one adapter: finds the objects below every registered path.

    Programs may export before or after they register: both GetManagedObjects and the signal
    InterfacesAdded lead to the same monitor, as in BlueZ.
    """

    def __init__(self, adapter: Adapter, answers: Answers) -> None:
        self._adapter, self._answers = adapter, answers
        self._roots: set[Root] = set()
        self._active: dict[Root, None] = {}

    def part(self) -> ObjectPart:
        """Return the interface to put on the adapter."""
        values = {"SupportedMonitorTypes": ["or_patterns"], "SupportedFeatures": []}
        calls = {"RegisterMonitor": self._register, "UnregisterMonitor": self._unregister}
        return ObjectPart(INTERFACES[AD_MONITORS], lambda: values, calls)

    def leave(self, sender: str) -> None:
        """Drop everything of a program that has gone."""
        self._roots = {root for root in self._roots if root[0] != sender}
        self._drop(lambda root: root[0] == sender)

    def clear(self) -> None:
        """Forget every monitor, as a daemon that ends does."""
        self._roots.clear()
        self._drop(lambda _: True)

    def hear(self, message: Message) -> None:
        """Take a program's InterfacesAdded or InterfacesRemoved."""
        kind = (message.interface, message.member, message.signature)
        if kind not in (_ADDED, _REMOVED) or AD_MONITOR not in message.body[1]:
            return
        path, interfaces = message.body
        sender = message.sender or ""
        if kind == _REMOVED:
            self._drop(lambda root: root == (sender, path))
        elif any(who == sender and _below(path, root) for who, root in self._roots):
            self._add(sender, path, interfaces[AD_MONITOR])()

    def _register(self, message: Message) -> Answer | None:
        sender, path = message.sender or "", message.body[0]
        if not is_object_path_valid(path):
            raise AirRefusalError("InvalidArguments")
        if (sender, path) in self._roots:
            raise AirRefusalError("AlreadyExists")
        self._roots.add((sender, path))

        def listed(answer: Message) -> None:
            # Monitors that cannot be are released before the program has its answer; the others
            # are activated once the kernel has them, after it.
            ready = [
                self._add(sender, found, interfaces[AD_MONITOR])
                for found, interfaces in _objects(answer).items()
                if AD_MONITOR in interfaces and _below(found, path)
            ]
            self._answers.answer(message)
            for activate in ready:
                activate()

        self._answers.ask(Message(sender, path, OBJECTS, "GetManagedObjects"), listed)
        return None

    def _unregister(self, message: Message) -> Answer | None:
        root = (message.sender or "", message.body[0])
        if root not in self._roots:
            raise AirRefusalError("DoesNotExist")
        self._roots.remove(root)
        for sender, path in [key for key in self._active if _within(key, root)]:
            self._call(sender, path, "Release")
        self._drop(lambda key: _within(key, root))
        return "", []

    def _add(self, sender: str, path: str, told: Mapping[str, Variant]) -> Callable[[], None]:
        if (sender, path) in self._active or not is_object_path_valid(path):
            return lambda: None
        try:
            patterns, thresholds = _patterns(told), _thresholds(told)
        except ValueError:
            self._call(sender, path, "Release")
            return lambda: None
        self._active[sender, path] = None

        def activate() -> None:
            monitor = Monitor(
                patterns,
                self._adapter.timers,
                lambda device: self._call(sender, path, "DeviceFound", "o", [device]),
                lambda device: self._call(sender, path, "DeviceLost", "o", [device]),
                thresholds,
            )
            if (sender, path) in self._active:
                self._adapter.watch((sender, path), monitor)
                self._call(sender, path, "Activate")

        return activate

    def _drop(self, which: Callable[[Root], bool]) -> None:
        for root in [root for root in self._active if which(root)]:
            del self._active[root]
            self._adapter.unwatch(root)

    def _call(
        self,
        sender: str,
        path: str,
        member: str,
        signature: str = "",
        body: list[object] | None = None,
    ) -> None:
        self._answers.ask(
            Message(sender, path, AD_MONITOR, member, signature=signature, body=body or [])
        )


def _within(key: Root, root: Root) -> bool:
    return key[0] == root[0] and _below(key[1], root[1])


def _below(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")


def _objects(answer: Message) -> Mapping[str, Mapping[str, Mapping[str, Variant]]]:
    if answer.signature != "a{oa{sa{sv}}}":
        return {}
    found: Mapping[str, Mapping[str, Mapping[str, Variant]]] = answer.body[0]
    return found


def _patterns(told: Mapping[str, Variant]) -> tuple[OrPattern, ...]:
    kind, listed = told.get("Type"), told.get("Patterns")
    if kind is None or (kind.signature, kind.value) != ("s", "or_patterns"):
        raise ValueError("Type")
    if listed is None or listed.signature != "a(yyay)" or not listed.value:
        raise ValueError("Patterns")
    found = tuple(OrPattern(start, ad, bytes(content)) for start, ad, content in listed.value)
    if not all(pattern.is_possible for pattern in found):
        raise ValueError("Patterns")
    return found


def _thresholds(told: Mapping[str, Variant]) -> Thresholds | None:
    found = {}
    for key, (signature, name) in _THRESHOLDS.items():
        variant = told.get(key)
        if variant is not None:
            if variant.signature != signature:
                raise ValueError(key)
            found[name] = variant.value
    return thresholds_of(**found)
