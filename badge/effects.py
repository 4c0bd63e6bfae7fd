"""What a badge wants done, in order.  A pump performs each effect before it looks at the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from badge.entry import Entry


@dataclass(frozen=True, slots=True)
class Program:
    """Write words to erased flash; nothing after it may leave the badge before it is durable."""

    address: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Erase:
    """Erase one flash page: all its bytes become 0xFF."""

    address: int


@dataclass(frozen=True, slots=True)
class Logged:
    """An event got its number and is durable; `entry.event(device_id)` is its wire form."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class PowerGps:
    """Switch the GNSS receiver on or off."""

    on: bool


@dataclass(frozen=True, slots=True)
class PowerScanner:
    """Switch the BLE scanner on or off."""

    on: bool


@dataclass(frozen=True, slots=True)
class PollGps:
    """Ask for a position; a `GpsFix` within `timeout_ms` counts, a later one is ignored."""

    timeout_ms: int


@dataclass(frozen=True, slots=True)
class StartScan:
    """Listen for advertisements for one cycle, then answer with `ScanResult`."""

    duration_ms: int


@dataclass(frozen=True, slots=True)
class Upload:
    """POST `body` (a JSON array of `count` events) and answer with `UploadAnswer(request, …)`."""

    request: int
    body: bytes
    count: int
    first_sequence: int
    last_sequence: int


ScreenState = Literal["UNASSIGNED", "ACTIVE", "SHIFT_END", "OFF"]


@dataclass(frozen=True, slots=True)
class Screen:
    """What the e-ink display shows (contract section 3, Display)."""

    state: ScreenState
    firmware_version: str
    worker_id: str | None = None
    shift_started_utc: str | None = None
    shift_duration_s: int | None = None
    battery_pct: int | None = None
    low_battery: bool = False
    no_cellular: bool = False


@dataclass(frozen=True, slots=True)
class Draw:
    """Redraw the display."""

    screen: Screen


@dataclass(frozen=True, slots=True)
class Reboot:
    """Restart now; the pump answers with `Boot("firmware_update")`."""

    firmware_version: str


@dataclass(frozen=True, slots=True)
class PowerOff:
    """The battery is empty: off until power returns as `Boot("power_on")`."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know; never part of an event.

    `about` is one of: config_applied, config_rejected, needs_firmware, quarantined, overflow,
    firmware_kept, firmware_refused, firmware_reverted, flash_damage, flash_unfinished, flash_worn.
    """

    about: str
    text: str
    sequence_numbers: tuple[int, ...] = ()


Effect = (
    Program
    | Erase
    | Logged
    | PowerGps
    | PowerScanner
    | PollGps
    | StartScan
    | Upload
    | Draw
    | Reboot
    | PowerOff
    | Notice
)
