"""What a store holds, device by device, in the order of the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import to_json

from badge.contract.documents import parse
from badge.errors import InputError
from badge.words import listed, near
from sim.reconcile.scratch import Scratch
from sim.reconcile.stores.names import TableNames
from sim.reconcile.stores.open import TableStore
from sim.reconcile.stores.wire import wire_events


@dataclass(slots=True)
class HeldEvents:
    """The events of a store, sorted on disk; the devices in order of their names."""

    devices: list[str]
    room: Scratch
    passed_over: list[str] = field(default_factory=list)  # rows that are no event, and why

    def events(self, device_id: str) -> Iterator[dict[str, Any]]:
        """Yield a device's events; of one that is held twice the first counts."""
        before = None
        for name, number, line in self.room.ordered("events", 0, 1):
            if name == device_id and number != before:
                event: dict[str, Any] = parse(line)
                before = number
                yield event


def by_device(
    store: TableStore, names: TableNames, room: Scratch, devices: Sequence[str] = ()
) -> HeldEvents:
    """Read a store; rows that are no event are passed over.

    InputError for a device that is asked for and not there.
    """
    there: dict[str, None] = {}
    passed_over: list[str] = []

    def rows() -> Iterator[tuple[Any, ...]]:
        for _, event in wire_events(store, names, passed_over.append):
            device_id = event["device_id"]
            there[device_id] = None
            if not devices or device_id in devices:
                yield device_id, event["sequence_number"], to_json(event)

    room.fill("events", 3, rows())
    strangers = [one for one in devices if one not in there]
    if strangers:
        known, wanted = sorted(there), strangers[0]
        raise InputError(
            f"--device {wanted}: not there; it has {listed(known)}{near(wanted, known)}"
        )
    return HeldEvents(sorted(devices or there), room, passed_over)
