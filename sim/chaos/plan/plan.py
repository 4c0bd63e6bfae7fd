"""What a seed draws: how many badges, for how long, and which faults are off, mild or wild."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from badge.config import BadgeConfig
from badge.errors import InputError
from badge.storage.geometry import Geometry
from sim.chaos.plan.faults import HOUR_MS, KINDS, MINUTE_MS
from sim.engine.streams import plain_stream

_OFF_SHARE, _WILD_SHARE = 0.45, 0.35
_BADGES = (1, 1, 2, 2, 3, 4, 6, 8)
_BADGE_HOURS = (8, 10, 10, 10, 12, 14)
MINUTES_MAX = 7 * 24 * 60
BADGES_MAX = 1000


@dataclass(frozen=True, slots=True)
class Plan:
    """One run: the badges by number, the minutes under faults, and each kind's rate (0 is off)."""

    seed: int
    badges: tuple[int, ...]
    minutes: int
    faults: Mapping[str, float]

    @property
    def fire_ms(self) -> int:
        """How long the first phase lasts."""
        return self.minutes * MINUTE_MS

    def document(self) -> dict[str, Any]:
        """Return the plan as JSON values."""
        return {
            "seed": self.seed,
            "badges": list(self.badges),
            "minutes": self.minutes,
            "faults": dict(self.faults),
        }


@dataclass(frozen=True, slots=True)
class Design:
    """One badge of a plan: its settings, its flash, and how its worker behaves."""

    index: int
    config: BadgeConfig
    geometry: Geometry
    shift_ms: int
    pause_ms: int
    restless: float
    discharge_pct_h: float
    workers: tuple[str, ...]


def draw_plan(seed: int) -> Plan:
    """Draw the plan of a seed by swarm: each kind is off, mild or wild on its own."""
    rng = plain_stream(seed, "plan")
    badges = rng.choice(_BADGES)
    minutes = rng.choice(_BADGE_HOURS) * 60 // badges
    faults = {name: _rate(rng.random(), rng.random(), name) for name in KINDS}
    return Plan(seed, tuple(range(badges)), min(minutes, 720), faults)


def _rate(swarm: float, strength: float, name: str) -> float:
    kind = KINDS[name]
    if swarm < _OFF_SHARE:
        return 0.0
    if swarm < 1 - _WILD_SHARE:
        return round(kind.mild * (0.5 + strength), 4)
    return round(kind.mild + (kind.wild - kind.mild) * strength, 4)


def read_plan(document: object, place: str) -> Plan:
    """Read a plan's JSON values; `InputError` at `place` if they are none."""
    if not isinstance(document, dict) or set(document) != {"seed", "badges", "minutes", "faults"}:
        raise InputError(f"{place}: a plan has seed, badges, minutes and faults, nothing else")
    seed, minutes = document["seed"], document["minutes"]
    badges, faults = document["badges"], document["faults"]
    if type(seed) is not int or type(minutes) is not int or not 1 <= minutes <= MINUTES_MAX:
        raise InputError(f"{place}: seed and minutes (1 to {MINUTES_MAX}) are whole numbers")
    if not _is_crew(badges):
        raise InputError(f"{place}: badges is a list of different numbers from 0 on")
    if not isinstance(faults, dict) or not all(_is_rate(*item) for item in faults.items()):
        raise InputError(f"{place}: faults maps {', '.join(KINDS)} to rates from 0 to 100")
    ordered = {name: float(faults.get(name, 0.0)) for name in KINDS}
    return Plan(seed, tuple(badges), minutes, ordered)


def _is_crew(badges: object) -> bool:
    return (
        isinstance(badges, list)
        and 0 < len(set(map(str, badges))) == len(badges) <= BADGES_MAX
        and all(type(index) is int and 0 <= index < 2**31 for index in badges)
    )


def _is_rate(name: object, rate: object) -> bool:
    return name in KINDS and isinstance(rate, int | float) and 0 <= rate <= 100


def device_id_of(index: int) -> str:
    """Return the device_id of a plan's badge."""
    return f"ACT-{index + 0x3F8A0000:08X}"


def draw_design(seed: int, index: int) -> Design:
    """Draw a badge; it is the same whatever else the plan holds."""
    rng = plain_stream(seed, "design", index)
    pick = rng.choice
    workers = tuple(f"W-{number:03}" for number in range(1, 4))
    tags = [f"AA:BB:CC:00:{index % 256:02X}:{tag:02X}" for tag in range(pick((0, 1, 2, 4)))]
    config = BadgeConfig(
        device_id=device_id_of(index),
        company_id="sweep",
        gps_interval_s=pick((10, 15, 15, 30, 60)),
        gps_timeout_s=pick((5, 10, 10)),
        upload_interval_s=pick((300, 900, 1800, 1800)),
        ble_scan_period_s=pick((5, 10, 15, 30)),
        ble_detection_count_threshold=pick((1, 2, 3, 3, 4)),
        ble_lost_count_threshold=pick((1, 3, 5, 5)),
        known_equipment_tags=tags,
        worker_ids=pick(([], list(workers))),
        auto_end_stationary_s=pick((600, 1800, 3600)),
        auto_end_min_shift_s=pick((900, 3600, 14_400)),
        batch_events_max=pick((10, 50, 100, 100, 500)),
        queue_events_max=pick((60, 300, 2000, 2000)),
        quarantine_events_max=pick((5, 20)),
        answer_timeout_s=pick((20, 60, 120)),
        boot_upload_delay_s=pick((10, 60)),
        uptime_save_s=pick((30, 60, 60, 300)),
        backoff_first_s=pick((5, 30, 30)),
        backoff_cap_s=pick((120, 600, 1800)),
        ota_confirm_s=pick((120, 300, 600)),
    )
    # Small chips, so that every ring is lapped; yet the quarantine must leave room for the queue.
    page_bytes, ring_pages = pick(((2048, 24), (2048, 32), (4096, 10), (4096, 16), (4096, 24)))
    return Design(
        index,
        config,
        Geometry(page_bytes, ring_pages=ring_pages),
        shift_ms=int(pick((0.5, 2.0, 4.0)) * HOUR_MS),
        pause_ms=pick((5, 20, 60)) * MINUTE_MS,
        restless=pick((0.05, 0.3, 0.8)),
        discharge_pct_h=pick((2.0, 10.0, 40.0)),
        workers=workers,
    )
