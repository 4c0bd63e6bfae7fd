"""What can go wrong in the air, written as one word: `restart@5+2`, `in-progress=3`."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from badge.errors import InputError
from sim.air.radio.air import Air
from sim.air.radio.conditions import THRESHOLD_DB, Conditions

_WORD = re.compile(
    r"(?P<kind>[a-z-]+)(?::(?P<adapter>hci\d+))?(?:=(?P<value>\w+))?"
    r"(?:@(?P<at>\d+(?:\.\d+)?)(?:\+(?P<lasts>\d+(?:\.\d+)?))?)?"
)
_LASTING: dict[str, Callable[[Conditions, str], Conditions]] = {
    "threshold": lambda c, value: replace(
        c, threshold_db=int(value or THRESHOLD_DB), threshold_exempt="strength"
    ),
    "duplicates": lambda c, value: _duplicates(c, value),
    "scan-train": lambda c, _: replace(c, scan_train=True, le_only=True),
    "no-passive": lambda c, _: replace(c, monitors=False),
    "no-central": lambda c, _: replace(c, central=False),
}
_REFUSALS = {"in-progress": "InProgress", "not-ready": "NotReady", "failed": "Failed"}
_MOMENTARY = ("restart", "crash", "unplug", "power-off", "bus-death")
KINDS = (*_LASTING, *_REFUSALS, *_MOMENTARY)


@dataclass(frozen=True, slots=True)
class AirFault:
    """One fault: its kind, and what it needs of adapter, value, moment and duration (s)."""

    kind: str
    adapter: str = "hci0"
    value: str = ""
    at_s: float = 0.0
    lasts_s: float = 0.0

    @property
    def is_momentary(self) -> bool:
        """Whether it happens at a moment, instead of holding from the beginning."""
        return self.kind in _MOMENTARY


class RestartableBus(Protocol):
    """A bus that can die and come back."""

    async def die(self) -> None:
        """Die."""

    async def revive(self) -> None:
        """Come back."""


def fault_from(word: str) -> AirFault:
    """Read a fault: KIND[:ADAPTER][=VALUE][@SECONDS[+SECONDS]]; InputError with all kinds."""
    parts = _WORD.fullmatch(word)
    if parts is None or parts["kind"] not in KINDS:
        raise InputError(f"fault {word!r}: unknown; write one of {', '.join(KINDS)}")
    fault = AirFault(
        parts["kind"],
        parts["adapter"] or "hci0",
        parts["value"] or "",
        float(parts["at"] or 0),
        float(parts["lasts"] or 0),
    )
    if fault.is_momentary is not (parts["at"] is not None):
        wrong = (
            "needs its moment, write" if fault.is_momentary else "holds from the start, write just"
        )
        raise InputError(
            f"fault {word!r}: {wrong} {fault.kind}{'@5' if fault.is_momentary else ''}"
        )
    if fault.value and fault.kind != "duplicates" and not fault.value.isdecimal():
        raise InputError(f"fault {word!r}: {fault.value!r} is no number; write {fault.kind}=3")
    return fault


def conditions_of(faults: Sequence[AirFault], conditions: Conditions | None = None) -> Conditions:
    """Return conditions with the lasting ones that some of the faults are."""
    conditions = conditions or Conditions()
    for fault in faults:
        if fault.kind in _LASTING:
            conditions = _LASTING[fault.kind](conditions, fault.value)
    return conditions


def prepare(air: Air, faults: Sequence[AirFault]) -> None:
    """Arm the refusals among the faults: the next StartDiscovery calls fail."""
    for fault in faults:
        if fault.kind in _REFUSALS:
            times = int(fault.value or 1)
            air.adapter(fault.adapter).refuse("StartDiscovery", _REFUSALS[fault.kind], times)


async def inject(
    air: Air, bus: RestartableBus, fault: AirFault, sleep: Callable[[float], Awaitable[None]]
) -> None:
    """Wait for a fault's moment, let it happen, and end it after its duration."""
    await sleep(fault.at_s)
    if fault.kind == "bus-death":
        await bus.die()
        await sleep(fault.lasts_s)
        await bus.revive()
        return
    begin, end = _actions(air, fault)
    begin()
    await sleep(fault.lasts_s)
    end()


def _actions(air: Air, fault: AirFault) -> tuple[Callable[[], None], Callable[[], None]]:
    name = fault.adapter
    if fault.kind == "unplug":
        return lambda: air.unplug(name), lambda: air.plug(name)
    if fault.kind == "power-off":
        return lambda: air.power(False, name), lambda: air.power(True, name)
    return lambda: air.stop_bluetoothd(crashed=fault.kind == "crash"), air.start_bluetoothd


def _duplicates(conditions: Conditions, value: str) -> Conditions:
    if value == "content":
        return replace(conditions, duplicates="content")
    if value in ("", "address"):
        return replace(conditions, duplicates="address")
    raise InputError(f"fault duplicates={value}: write duplicates=address or duplicates=content")
