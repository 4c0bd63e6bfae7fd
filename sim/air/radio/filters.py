"""What a program asked to hear: discovery filters and advertisement monitor patterns."""

from __future__ import annotations

from dataclasses import dataclass

from sim.air.radio.advert import Advert, Section


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
        """Whether RSSI or path loss was given, which makes BlueZ tell every RSSI."""
        return self.rssi_dbm is not None or self.pathloss_db is not None

    def counts_as_filter(self, le_only: bool) -> bool:
        """Whether BlueZ runs a filtered discovery, which has no gap between scan windows."""
        if self.transport is not None and not le_only:
            return True
        return self.by_strength or bool(self.uuids) or self.pattern is not None

    def admits(self, mac: str, rssi_dbm: int, advert: Advert) -> bool:
        """Tell whether a report passes; all keys must agree, of several UUIDs any one."""
        if self.transport == "bredr":
            return False
        if self.rssi_dbm is not None and rssi_dbm < self.rssi_dbm:
            return False
        if self.pathloss_db is not None and not self._is_near(rssi_dbm, advert):
            return False
        if self.uuids and not set(self.uuids).intersection(advert.service_uuids):
            return False
        names = (mac, advert.name or "")
        return self.pattern is None or any(name.startswith(self.pattern) for name in names)

    def _is_near(self, rssi_dbm: int, advert: Advert) -> bool:
        power = advert.tx_power_dbm
        return power is not None and power - rssi_dbm <= (self.pathloss_db or 0)


@dataclass(frozen=True, slots=True)
class OrPattern:
    """One pattern of an advertisement monitor: octets at a place of an AD structure's value."""

    start: int
    ad_type: int
    content: bytes

    def matches(self, sections: tuple[Section, ...]) -> bool:
        """Tell whether any AD structure of that type carries the octets there."""
        end = self.start + len(self.content)
        return any(
            kind == self.ad_type and value[self.start : end] == self.content
            for kind, value in sections
        )
