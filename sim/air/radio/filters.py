"""What a program asked to hear: discovery filters, and what BlueZ makes of several of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sim.air.radio.conditions import Conditions
from sim.air.radio.content import AdvertContent


@dataclass(frozen=True, slots=True)
class DiscoveryFilter:
    """The argument of Adapter1.SetDiscoveryFilter; None means that the key was not given."""

    transport: str | None = None
    uuids: tuple[str, ...] = ()
    rssi_dbm: int | None = None
    pathloss_db: int | None = None
    pattern: str | None = None
    duplicates: bool = False

    @property
    def by_strength(self) -> bool:
        """Whether RSSI or path loss was given."""
        return self.rssi_dbm is not None or self.pathloss_db is not None

    def admits(self, mac: str, rssi_dbm: int, content: AdvertContent) -> bool:
        """Tell whether a report passes as BlueZ documents it: all keys, of several UUIDs any."""
        if self.transport == "bredr":
            return False
        if self.rssi_dbm is not None and rssi_dbm < self.rssi_dbm:
            return False
        if self.pathloss_db is not None and not self._is_near(rssi_dbm, content):
            return False
        if self.uuids and not set(self.uuids).intersection(content.uuids):
            return False
        if self.pattern is None:
            return True
        name = (content.name or b"").decode("utf-8", "replace")
        return mac.startswith(self.pattern) or name.startswith(self.pattern)

    def _is_near(self, rssi_dbm: int, content: AdvertContent) -> bool:
        power = content.tx_power_dbm
        return power is not None and power - rssi_dbm <= (self.pathloss_db or 0)

    def is_none_to(self, conditions: Conditions) -> bool:
        """Whether a modern BlueZ takes it for no filter: it says what the adapter does anyhow."""
        if not conditions.modern or self.by_strength or self.uuids or self.duplicates:
            return False
        return self.pattern is None and self.transport in (
            (None, "auto", "le") if conditions.le_only else (None, "auto")
        )


@dataclass(frozen=True, slots=True)
class Request:
    """What BlueZ asks of the kernel for all its clients; `filtered` False is a plain discovery."""

    filtered: bool = False
    le: bool = True
    bredr: bool = True
    rssi_dbm: int | None = None
    uuids: frozenset[str] = frozenset()


def merged(filters: Collection[DiscoveryFilter | None], conditions: Conditions) -> Request:
    """Return one request that hears enough for every client; the newest client comes first.

    RSSI: the lowest if all gave one. UUIDs: those of all, unless one wants every service.
    """
    told = [f for f in filters if f is not None and not f.is_none_to(conditions)]
    if not told:
        return Request()
    le = any(f.transport != "bredr" for f in told)
    both = not conditions.le_only
    if len(told) < len(filters):  # someone wants everything
        return Request(filtered=True, bredr=both)
    bredr = both and any(f.transport != "le" for f in told)
    floors = [f.rssi_dbm for f in told if f.rssi_dbm is not None]
    floor = min(floors) if len(floors) == len(told) else None
    uuids = frozenset[str]()
    if all(f.uuids for f in told):
        uuids = frozenset(uuid for f in told for uuid in f.uuids)
    return Request(True, le, bredr, floor, uuids)


def shown(
    filters: Collection[DiscoveryFilter | None],
    mac: str,
    content: AdvertContent,
    *,
    filtered: bool,
    modern: bool,
) -> bool:
    """Tell whether BlueZ lets its clients see a device at all.

    An unfiltered discovery shows discoverable devices only (Supplement part A 1.3: flag bits 0
    and 1).  Any client's pattern decides for all clients, as it does in BlueZ.
    """
    patterns = [f.pattern for f in filters if f is not None and f.pattern is not None]
    if not patterns:
        return filtered or bool(content.flags & 0x03)
    name = (content.name or b"").decode("utf-8", "replace")
    return any(
        mac.startswith(pattern.upper() if modern else pattern) or name.startswith(pattern)
        for pattern in patterns
    )
