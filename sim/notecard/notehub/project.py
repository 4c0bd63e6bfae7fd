"""A Notehub project: its devices, fleets, variables and events."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sim.notecard.notehub.device import HubDevice

EVENTS_KEPT = 10_000
DEVICES_MAX = 1000
FLEETS_MAX = 100
APP = "app:00000000-0000-4000-8000-000000000001"


@dataclass(slots=True)
class HubFleet:
    """A group of devices with variables of their own."""

    uid: str
    label: str
    created_ms: int
    env: dict[str, str] = field(default_factory=dict)


class Project:
    """Everything that is asked about by UID; events oldest first, numbered from 0."""

    def __init__(self, app: str = APP) -> None:
        self.app = app
        self.created_ms = 0
        self.devices: dict[str, HubDevice] = {}
        self.fleets: dict[str, HubFleet] = {}
        self.env: dict[str, str] = {}
        self.events: deque[dict[str, Any]] = deque(maxlen=EVENTS_KEPT)
        self.first = 0  # number of the oldest event kept

    def device(self, uid: str, now_ms: int) -> HubDevice:
        """A device, provisioned when it is new."""
        if uid not in self.devices:
            if len(self.devices) >= DEVICES_MAX:
                oldest = min(self.devices.values(), key=lambda one: one.seen_ms)
                del self.devices[oldest.uid]
            self.devices[uid] = HubDevice(uid, now_ms)
        return self.devices[uid]

    def add(self, event: dict[str, Any]) -> None:
        """Keep an event; the oldest goes when there are too many."""
        self.first += len(self.events) == EVENTS_KEPT
        self.events.append(event)

    def variables(self, device: HubDevice) -> dict[str, str]:
        """What is in force for a device: its own over its fleets' over the project's."""
        found = dict(self.env)
        for uid in device.fleets:
            found |= self.fleets[uid].env if uid in self.fleets else {}
        return found | device.env

    def add_fleet(self, label: str, now_ms: int) -> HubFleet:
        """Make a fleet."""
        number = len(self.fleets) + 1
        uid = f"fleet:{uuid5(NAMESPACE_OID, f'{self.app}:{number}:{label}')}"
        self.fleets[uid] = HubFleet(uid, label, now_ms)
        return self.fleets[uid]

    def remove_fleet(self, uid: str) -> None:
        """Its devices leave it."""
        self.fleets.pop(uid, None)
        for device in self.devices.values():
            device.fleets = [one for one in device.fleets if one != uid]

    def chosen(
        self,
        *,
        devices: Iterable[str] = (),
        files: Iterable[str] = (),
        fleet: str = "",
        system_only: bool = False,
    ) -> list[tuple[int, dict[str, Any]]]:
        """The events of these devices, files and fleet with their numbers, oldest first."""
        wanted, named = set(devices), set(files)
        return [
            (number, event)
            for number, event in enumerate(self.events, self.first)
            if (not wanted or event.get("device") in wanted)
            and (not named or event["file"] in named)
            and (not fleet or fleet in event.get("fleets", ()))
            and (not system_only or event["file"].startswith("_"))
        ]
