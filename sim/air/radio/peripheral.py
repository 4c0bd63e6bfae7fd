"""A tag that can be connected to: its GATT services, and what writing to them changes.

Core Specification Vol 3 Part G; Battery and Device Information services of the assigned numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sim.air.radio.advert import full_uuid
from sim.air.radio.refusals import AirRefusalError

BATTERY, BATTERY_LEVEL = "180f", "2a19"
DEVICE_INFORMATION, MANUFACTURER_NAME, MODEL = "180a", "2a29", "2a24"
CONFIGURATION = "b1e5c0de-0000-4a7a-9d5e-7a6700000000"
NAME, INTERVAL, TX_POWER = (CONFIGURATION.replace("-0000-", f"-000{i}-", 1) for i in (1, 2, 3))
NAME_MAX_BYTES = 20
INTERVAL_RANGE_MS = range(20, 10_241)
TX_RANGE_DBM = range(-40, 21)
READ, WRITE, NOTIFY = "read", "write", "notify"


@dataclass(slots=True)
class Characteristic:
    """One value of a service; `flags` are BlueZ's words, `check` refuses what cannot be written."""

    uuid: str
    flags: tuple[str, ...]
    value: bytes
    check: Callable[[bytes], object] | None = None
    listeners: list[Callable[[bytes], None]] = field(default_factory=list)

    def must_take(self, value: bytes) -> None:
        """Raise AirRefusalError if a client must not write, or not this."""
        if WRITE not in self.flags:
            raise AirRefusalError("NotPermitted", "Write not permitted")
        if self.check is not None:
            try:
                self.check(value)
            except (ValueError, IndexError):
                raise AirRefusalError("InvalidValueLength", "Invalid value") from None

    def put(self, value: bytes) -> None:
        """Set the value, and tell whoever listens."""
        self.value = value
        for listener in list(self.listeners):
            listener(value)


@dataclass(slots=True)
class GattService:
    """A primary service and its characteristics."""

    uuid: str
    characteristics: Sequence[Characteristic]


class Peripheral:
    """A tag's services, and its settings as they are now; one program at a time is connected."""

    def __init__(self, name: str = "Tag", interval_ms: int = 100, tx_dbm: int = 4) -> None:
        self.connected = False
        both = (READ, WRITE, NOTIFY)
        self._first_interval_ms, self._first_tx_dbm = interval_ms, tx_dbm
        self._name = Characteristic(NAME, both, name.encode()[:NAME_MAX_BYTES], _a_name)
        self._interval = Characteristic(
            INTERVAL, both, interval_ms.to_bytes(2, "little"), _an_interval
        )
        self._tx = Characteristic(
            TX_POWER, both, tx_dbm.to_bytes(1, "little", signed=True), _a_power
        )
        self._battery = Characteristic(full_uuid(BATTERY_LEVEL), (READ, NOTIFY), bytes([100]))
        self.services = (
            GattService(
                full_uuid(DEVICE_INFORMATION),
                [
                    Characteristic(full_uuid(MANUFACTURER_NAME), (READ,), b"badge-simulator"),
                    Characteristic(full_uuid(MODEL), (READ,), b"virtual tag"),
                ],
            ),
            GattService(full_uuid(BATTERY), [self._battery]),
            GattService(CONFIGURATION, [self._name, self._interval, self._tx]),
        )

    @property
    def name(self) -> str:
        """The name that it advertises."""
        return self._name.value.decode()

    @property
    def slowed(self) -> float:
        """How many times longer its interval is than at first."""
        return int.from_bytes(self._interval.value, "little") / self._first_interval_ms

    @property
    def gain_db(self) -> int:
        """How much stronger it sends than at first."""
        return int.from_bytes(self._tx.value, "little", signed=True) - self._first_tx_dbm

    @property
    def battery_pct(self) -> int:
        """What its battery has left."""
        return self._battery.value[0]

    @battery_pct.setter
    def battery_pct(self, value: int) -> None:
        self._battery.put(bytes([value]))


def handles_of(services: Sequence[GattService]) -> list[tuple[int, GattService, list[int]]]:
    """Return each service's handle and those of its characteristics, as a GATT server counts.

    A characteristic takes two handles, and one more for the descriptor that switches notifying.
    """
    found, handle = [], 0x0010
    for service in services:
        own, handle = handle, handle + 1
        places = []
        for one in service.characteristics:
            places.append(handle)
            handle += 3 if NOTIFY in one.flags else 2
        found.append((own, service, places))
    return found


def _a_name(value: bytes) -> None:
    if not 0 < len(value) <= NAME_MAX_BYTES or b"\0" in value:
        raise ValueError("name")
    value.decode()


def _an_interval(value: bytes) -> None:
    if len(value) != 2 or int.from_bytes(value, "little") not in INTERVAL_RANGE_MS:
        raise ValueError("interval")


def _a_power(value: bytes) -> None:
    if len(value) != 1 or int.from_bytes(value, "little", signed=True) not in TX_RANGE_DBM:
        raise ValueError("power")
