"""What can happen to a badge.  Every input is a frozen value; its moment travels beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from badge.contract.events import FixType, RebootReason


@dataclass(frozen=True, slots=True)
class Boot:
    """The microcontroller starts: RAM is gone, flash is read (contract section 3, BOOTING)."""

    reason: RebootReason = "power_on"


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing happened but time: due deadlines fire."""


@dataclass(frozen=True, slots=True)
class UtcLearned:
    """The network or a fix told the time: Unix milliseconds, UTC, at this moment."""

    unix_ms: int


@dataclass(frozen=True, slots=True)
class Assign:
    """A worker is picked by button; `assigned_by` if a foreman did it."""

    worker_id: str
    assigned_by: str | None = None


@dataclass(frozen=True, slots=True)
class Unassign:
    """The worker ends the shift by button."""


@dataclass(frozen=True, slots=True)
class GpsFix:
    """The answer to `PollGps`: WGS84 degrees; accuracy as a radius in metres, or HDOP."""

    lat: float
    lon: float
    accuracy_m: float | None = None
    hdop: float | None = None
    altitude_m: float | None = None
    speed_kmh: float | None = None
    fix_type: FixType = "3d"


@dataclass(frozen=True, slots=True)
class ScanResult:
    """The answer to `StartScan`: every (MAC in upper case, RSSI in dBm) heard in the cycle.

    No answer means that the scanner was down: the cycle is no sample (contract section 3, BLE).
    """

    heard: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Movement:
    """The accelerometer: movement began (True) or ceased (False)."""

    moving: bool


@dataclass(frozen=True, slots=True)
class Battery:
    """A battery reading: whole percent, and millivolts where known."""

    pct: int
    voltage_mv: int | None = None


@dataclass(frozen=True, slots=True)
class Cellular:
    """The cellular link came up (True) or went down (False)."""

    connected: bool


@dataclass(frozen=True, slots=True)
class UploadAnswer:
    """What came back for the `Upload` of that request number; status None is no answer at all.

    `rejected` pairs sequence numbers with reasons (207), `code` is the body's (422).
    """

    request: int
    status: int | None
    rejected: tuple[tuple[int, str], ...] = ()
    code: str = ""
    retry_after_s: int = 0


@dataclass(frozen=True, slots=True)
class ConfigPush:
    """A new configuration arrived: settings to change, the others stay; its repr shows none."""

    document: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class FirmwareOffer:
    """New firmware is on the device, ready to start: `major.minor.patch`."""

    version: str


@dataclass(frozen=True, slots=True)
class FlashFault:
    """A `Program` or `Erase` at this address did not read back as written."""

    address: int


Input = (
    Boot
    | Tick
    | UtcLearned
    | Assign
    | Unassign
    | GpsFix
    | ScanResult
    | Movement
    | Battery
    | Cellular
    | UploadAnswer
    | ConfigPush
    | FirmwareOffer
    | FlashFault
)
