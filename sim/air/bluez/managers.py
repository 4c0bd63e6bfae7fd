"""The parts of BlueZ that a scanner meets on the way: agents, advertisements, applications."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dbus_fast import Message, MessageType, Variant

from sim.air.bluez.interfaces import (
    ADVERTISING,
    AGENTS,
    BATTERY_PROVIDERS,
    GATT_MANAGER,
    HEALTH,
    INTERFACES,
    MEDIA,
    OBJECTS,
    PROFILES,
    PROPERTIES,
)
from sim.air.bluez.link import Answers
from sim.air.bluez.objects import Answer, Call, ObjectPart
from sim.air.radio.refusals import AirRefusalError

INSTANCES = 5  # advertisements at a time, as the recorded kernel had
_CAPABILITIES = (
    "",
    "DisplayOnly",
    "DisplayYesNo",
    "KeyboardDisplay",
    "KeyboardOnly",
    "NoInputNoOutput",
)
_AUDIO = ("0000110a-0000-1000-8000-00805f9b34fb", "0000110b-0000-1000-8000-00805f9b34fb")


class Agents:
    """org.bluez.AgentManager1: who would be asked for a PIN.  Nothing is ever paired here."""

    def __init__(self, answers: Answers, first: Callable[[], None]) -> None:
        self._answers, self._first = answers, first
        self._agents: dict[str, str] = {}

    def part(self) -> ObjectPart:
        """Return the interface to put on /org/bluez."""
        calls: dict[str, Call] = {
            "RegisterAgent": self._register,
            "UnregisterAgent": self._unregister,
            "RequestDefaultAgent": self._default,
        }
        return ObjectPart(INTERFACES[AGENTS], calls=calls)

    def leave(self, sender: str) -> None:
        """Forget the agent of a program that has gone."""
        self._agents.pop(sender, None)

    def _register(self, message: Message) -> Answer | None:
        if message.sender in self._agents:
            raise AirRefusalError("AlreadyExists")
        if message.body[1] not in _CAPABILITIES:
            raise AirRefusalError("InvalidArguments")
        self._agents[message.sender or ""] = message.body[0]
        self._answers.answer(message)
        self._first()  # from now on the adapters can be paired
        return None

    def _unregister(self, message: Message) -> Answer | None:
        self._must_be_own(message)
        del self._agents[message.sender or ""]
        return "", []

    def _default(self, message: Message) -> Answer | None:
        self._must_be_own(message)
        return "", []

    def _must_be_own(self, message: Message) -> None:
        if self._agents.get(message.sender or "") != message.body[0]:
            raise AirRefusalError("DoesNotExist")


class Advertisements:
    """org.bluez.LEAdvertisingManager1: what programs would advertise.  Nobody hears it here."""

    def __init__(self, answers: Answers, changed: Callable[[list[str]], None]) -> None:
        self._answers, self._changed = answers, changed
        self._active: dict[tuple[str, str], None] = {}

    def part(self) -> ObjectPart:
        """Return the interface to put on an adapter."""
        calls: dict[str, Call] = {
            "RegisterAdvertisement": self._register,
            "UnregisterAdvertisement": self._unregister,
        }
        return ObjectPart(INTERFACES[ADVERTISING], self._values, calls)

    def leave(self, sender: str) -> None:
        """Forget what a program advertised that has gone."""
        theirs = [key for key in self._active if key[0] == sender]
        for key in theirs:
            del self._active[key]
        if theirs:
            self._tell()

    def _values(self) -> dict[str, object]:
        limits = {
            "MinTxPower": ("n", 0),
            "MaxTxPower": ("n", 0),
            "MaxAdvLen": ("y", 31),
            "MaxScnRspLen": ("y", 31),
        }
        return {
            "ActiveInstances": len(self._active),
            "SupportedInstances": INSTANCES - len(self._active),
            "SupportedIncludes": ["tx-power", "appearance", "local-name"],
            "SupportedFeatures": [],
            "SupportedCapabilities": {key: Variant(*value) for key, value in limits.items()},
        }

    def _register(self, message: Message) -> Answer | None:
        sender, path = message.sender or "", message.body[0]
        if (sender, path) in self._active:
            raise AirRefusalError("AlreadyExists")
        if len(self._active) >= INSTANCES:
            raise AirRefusalError("NotPermitted", "Maximum advertisements reached")
        self._active[sender, path] = None

        def listed(_: Message) -> None:
            name = "org.bluez.LEAdvertisement1"
            call = Message(sender, path, PROPERTIES, "GetAll", signature="s", body=[name])
            self._answers.ask(call, read)

        def read(_: Message) -> None:
            self._tell()
            self._answers.answer(message)

        self._answers.ask(Message(sender, path, OBJECTS, "GetManagedObjects"), listed)
        return None

    def _unregister(self, message: Message) -> Answer | None:
        key = (message.sender or "", message.body[0])
        if key not in self._active:
            raise AirRefusalError("DoesNotExist")
        del self._active[key]
        self._tell()
        return "", []

    def _tell(self) -> None:
        self._changed(["SupportedInstances", "ActiveInstances"])


def gatt_manager(answers: Answers) -> ObjectPart:
    """Return org.bluez.GattManager1, which looks for an application's objects as BlueZ does."""

    def register(message: Message) -> Answer | None:
        def listed(answer: Message) -> None:
            found = answer.message_type is MessageType.METHOD_RETURN and answer.body[0]
            if found:
                answers.answer(message)
            else:
                answers.refuse(message, AirRefusalError("Failed", "No object received"))

        answers.ask(Message(message.sender, message.body[0], OBJECTS, "GetManagedObjects"), listed)
        return None

    return ObjectPart(INTERFACES[GATT_MANAGER], calls={"RegisterApplication": register})


def unmodelled() -> list[ObjectPart]:
    """Return what BlueZ has for audio, batteries and profiles: it is there, and refuses."""
    audio = {"SupportedUUIDs": list(_AUDIO)}
    return [_refusing(BATTERY_PROVIDERS), _refusing(MEDIA, audio)]


def root_managers() -> list[ObjectPart]:
    """Return the managers of /org/bluez that are there and refuse."""
    return [_refusing(PROFILES), _refusing(HEALTH)]


def _refusing(name: str, values: Mapping[str, object] | None = None) -> ObjectPart:
    def refuse(_: Message) -> Answer | None:
        raise AirRefusalError("NotSupported")

    interface = INTERFACES[name]
    return ObjectPart(interface, lambda: values or {}, dict.fromkeys(interface.methods, refuse))
