"""What a badge draws and how long its battery lasts: milliamps out of what it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from badge.errors import InputError

Modem: TypeAlias = Literal["uploading", "idle", "asleep"]
HOUR_MS = 3_600_000
WINDOW_S = 1800  # contract section 3: upload_interval_s


@dataclass(frozen=True, slots=True)
class Draws:
    """Microamps at 3.7 V of every part in each of its states, and where the number is from.

    `sync_mah`: what one upload costs whatever its current, of 30 s and of 2 min; None where it
    is `uploading_ua` times its length.
    """

    name: str = "documents"
    mcu_active_ua: int = 10_000  # contract section 6
    mcu_asleep_ua: int = 2  # contract section 6
    uploading_ua: int = 400_000  # contract section 6: the Notecard's modem on
    modem_idle_ua: int = 7_000  # contract section 6
    modem_asleep_ua: int = 8  # contract section 6
    gps_ua: int = 25_000  # decision: contract section 6 is silent, 20 to 50 mA are published
    scan_ua: int = 1_565  # 6.26 mA receiving, published, for 25 % of the time
    redraw_ua: int = 8_000  # e-paper: 26.4 mW while it redraws (typical 2.1 to 2.9 inch sheet)
    sync_mah: tuple[float, float] | None = None

    def upload_ua_ms(self, for_ms: int) -> int:
        """Give the charge of an upload of that length, above a card that idles."""
        if self.sync_mah is None:
            return (self.uploading_ua - self.modem_idle_ua) * for_ms
        short, long = self.sync_mah
        share = min(max((for_ms - SHORT_MS) / (LONG_MS - SHORT_MS), 0.0), 1.0)
        mah = (short + share * (long - short)) * min(for_ms / SHORT_MS, 1.0)
        return round(mah * 1000.0 * HOUR_MS)


@dataclass(frozen=True, slots=True)
class Activity:
    """What the badge does at a moment."""

    mcu_active: bool = False
    modem: Modem = "asleep"
    gps: bool = False
    scanning: bool = False
    redrawing: bool = False


SHORT_MS, LONG_MS = 30_000, 120_000
DRAWS = Draws()
PUBLISHED = Draws(
    name="published",
    modem_idle_ua=13,  # Blues: 8 to 18 µA between syncs
    gps_ua=35_000,  # Blues: 20 to 50 mA
    sync_mah=(0.28, 0.49),  # Blues: a sync of a cellular card; which length is a decision
)
"""What the makers publish, where it is not what the documents say."""
DRAWS_BY_NAME = {one.name: one for one in (DRAWS, PUBLISHED)}
REDRAW_UA_MS = DRAWS.redraw_ua * 2_000
"""The charge of one redraw: two seconds of electronic paper."""
CHARGER_UA = 500_000
"""What a charger at the depot gives back: a USB 2.0 port."""
READING_UA = 20_000
"""What is drawn while the voltage is read: it sags by that."""
MCU_UA = DRAWS.mcu_asleep_ua + DRAWS.mcu_active_ua * 6 // 100
"""The processor's average: some 6 % active, as contract section 6 has it."""


def current_ua(doing: Activity, draws: Draws = DRAWS) -> int:
    """Sum the microamps of everything that is on."""
    modem = {
        "uploading": draws.uploading_ua,
        "idle": draws.modem_idle_ua,
        "asleep": draws.modem_asleep_ua,
    }
    return (
        (draws.mcu_active_ua if doing.mcu_active else draws.mcu_asleep_ua)
        + modem[doing.modem]
        + (draws.gps_ua if doing.gps else 0)
        + (draws.scan_ua if doing.scanning else 0)
        + (draws.redraw_ua if doing.redrawing else 0)
    )


@dataclass(frozen=True, slots=True)
class Profile:
    """How much of the time each part is on: shares of a day, an upload as its length."""

    name: str
    upload_s: float
    upload_every_s: float = WINDOW_S
    mcu_active: float = 0.06  # what the documents' 9.6 mA leaves for the MCU
    modem_sleeps: bool = False
    gps: float = 0.0
    scanning: float = 0.0
    redraws_per_day: float = 0.0
    redraw_s: float = 2.0

    def __post_init__(self) -> None:
        shares = {"mcu_active": self.mcu_active, "gps": self.gps, "scanning": self.scanning}
        for name, share in shares.items():
            if not 0.0 <= share <= 1.0:
                raise InputError(f"power profile {self.name!r}: {name} {share} is not 0 to 1.")
        if not 0.0 <= self.upload_s <= self.upload_every_s or self.upload_every_s <= 0.0:
            raise InputError(
                f"power profile {self.name!r}: an upload of {self.upload_s} s does not fit into "
                f"its window of {self.upload_every_s} s; shorten it or widen the window."
            )

    @property
    def upload_duty(self) -> float:
        """Share of the time spent uploading."""
        return self.upload_s / self.upload_every_s

    def with_upload(self, upload_s: float) -> Profile:
        """Give the same day with uploads of another length."""
        return replace(self, name=f"{self.name}, {upload_s:g} s uploads", upload_s=upload_s)


DOCUMENTED = Profile("documents", upload_s=9.0)  # 0.5 % of the time
CORRECTED = replace(DOCUMENTED, name="documents, corrected", upload_s=120.0)  # 6.7 %
SHIFT = 10.0 / 24.0  # ten hours a day in ACTIVE: then GPS and BLE are on (contract section 3)
FIELD_DAY = Profile("field day", upload_s=30.0, gps=SHIFT, scanning=SHIFT, redraws_per_day=12.0)


@dataclass(frozen=True, slots=True)
class PartDraw:
    """One line of a budget: a part's current while on, its duty, and what that comes to."""

    part: str
    current_ma: float
    duty: float

    @property
    def average_ma(self) -> float:
        """Milliamps on the average."""
        return self.current_ma * self.duty


def budget(profile: Profile, draws: Draws = DRAWS) -> list[PartDraw]:
    """Give the budget of a profile, one row a part and state; duties of the modem add to 1."""
    duty = profile.upload_duty
    resting_ua = draws.modem_asleep_ua if profile.modem_sleeps else draws.modem_idle_ua
    resting = "asleep" if profile.modem_sleeps else "idle"
    redraw = profile.redraws_per_day * profile.redraw_s / 86_400.0
    uploading_ma = draws.uploading_ua / 1000.0
    if draws.sync_mah is not None and profile.upload_s > 0.0:
        charge = draws.upload_ua_ms(round(profile.upload_s * 1000.0))
        uploading_ma = charge / (profile.upload_s * 1000.0) / 1000.0
    return [
        PartDraw("Notecard uploading", uploading_ma, duty),
        PartDraw(f"Notecard {resting}", resting_ua / 1000.0, 1.0 - duty),
        PartDraw("MCU active", draws.mcu_active_ua / 1000.0, profile.mcu_active),
        PartDraw("MCU asleep", draws.mcu_asleep_ua / 1000.0, 1.0 - profile.mcu_active),
        PartDraw("GPS", draws.gps_ua / 1000.0, profile.gps),
        PartDraw("BLE scan", draws.scan_ua / 1000.0, profile.scanning),
        PartDraw("display", draws.redraw_ua / 1000.0, redraw),
    ]


def average_ma(rows: Sequence[PartDraw]) -> float:
    """Sum a budget in milliamps."""
    return sum(row.average_ma for row in rows)


def days(milliamps: float, capacity_mah: float = 2000.0) -> float:
    """Give the days that a full battery lasts at 25 °C."""
    return capacity_mah / milliamps / 24.0
