"""Random stories for a badge: whole numbers become inputs, so that any generator can tell one."""

from __future__ import annotations

from random import Random
from typing import Any

from badge.badge import Badge
from badge.config import BadgeConfig, read_config
from badge.effects import Effect, Upload
from badge.inputs import (
    Assign,
    Battery,
    Boot,
    Cellular,
    ConfigPush,
    FirmwareOffer,
    GpsFix,
    Input,
    Movement,
    ScanResult,
    Tick,
    Unassign,
    UploadAnswer,
    UtcLearned,
)

DEVICE = "ACT-3F8A21B4"
START_UNIX_MS = 1_772_000_000_000
MACS = [f"F4:A7:2E:11:03:{place:02X}" for place in range(4)]
Step = tuple[int, int, int, int]

_GAPS_MS = (
    0, 0, 1, 500, 1000, 1000, 4999, 5000, 5000, 5000, 5001, 9999, 10_000, 10_001, 15_000,
    30_000, 60_000, 61_000, 120_000, 300_000, 301_000, 600_000, 1_800_000, 3_600_000, 14_400_000,
)  # fmt: skip
_KINDS = (
    "fix", "fix", "fix", "scan", "scan", "scan", "scan", "scan", "move", "move", "battery",
    "answer", "answer", "answer", "answer", "answer", "tick", "tick", "assign", "assign",
    "unassign", "utc", "utc", "cellular", "config", "firmware", "boot", "stale",
)  # fmt: skip
_STATUSES = (202, 202, 202, 207, 207, 400, 413, 422, 422, 401, 408, 429, 429, 500, 503, None, 200)
_PUSHES: tuple[dict[str, Any], ...] = (
    {"gps_interval_s": 30},
    {"gps_interval_s": 5, "gps_timeout_s": 20},
    {"gps_timeout_s": 3},
    {"upload_interval_s": 300},
    {"upload_interval_s": 1800, "batch_events_max": 7},
    {"ble_rssi_threshold": -60, "ble_detection_count_threshold": 1},
    {"ble_rssi_threshold": -80, "ble_lost_count_threshold": 1},
    {"ble_detection_count_threshold": 8, "ble_lost_count_threshold": 4},
    {"ble_scan_period_s": 7},
    {"known_equipment_tags": MACS[1:]},
    {"known_equipment_tags": [mac.lower() for mac in MACS]},
    {"worker_ids": ["W-007"]},
    {"worker_ids": []},
    {"queue_events_max": 5},
    {"queue_events_max": 60, "quarantine_events_max": 2},
    {"stationary_after_s": 5, "auto_end_stationary_s": 600, "auto_end_min_shift_s": 900},
    {"auto_end_stationary_s": 3600, "auto_end_min_shift_s": 14_400},
    {"uptime_save_s": 7},
    {"answer_timeout_s": 20, "backoff_first_s": 5},
    {"shutdown_pct": 0},
    {"device_id": "ACT-00000000"},
    {"gps_interval_s": 30, "upload_interval_s": "soon"},
    {"unheard_of": 1},
    {"api_key": "changed"},
)


def story_config(**changes: Any) -> BadgeConfig:
    document = {"device_id": DEVICE, "known_equipment_tags": MACS, **changes}
    return read_config(document)


class Story:
    """A badge that random steps happen to; `inputs` is all that it was told, with its moment."""

    def __init__(self, config: BadgeConfig) -> None:
        self.badge = Badge(config)
        self.now = 0
        self.uploads: list[Upload] = []
        self.inputs: list[tuple[int, Input]] = []
        self.give(Boot())

    def give(self, what: Input) -> list[Effect]:
        self.inputs.append((self.now, what))
        effects = self.badge.receive(what, self.now)
        self.uploads += [effect for effect in effects if type(effect) is Upload]
        return effects

    def tell(self, steps: list[Step]) -> None:
        for step in steps:
            self.step(step)

    def step(self, step: Step) -> None:
        gap, kind, a, b = step
        due_ms = self.badge.next_deadline_ms
        if gap >= len(_GAPS_MS) and due_ms is not None:  # just before, at, or after a deadline
            self.now = max(self.now, due_ms + gap - len(_GAPS_MS) - 1)
        else:
            self.now += _GAPS_MS[gap % len(_GAPS_MS)]
        self.give(self._input(_KINDS[kind % len(_KINDS)], a, b))

    def _input(self, kind: str, a: int, b: int) -> Input:
        match kind:
            case "fix":
                return GpsFix(45 + a / 7e6, 15 + b / 7e6, **_quality(a, b))
            case "scan":
                return ScanResult(_heard(a, b))
            case "move":
                return Movement(a % 2 == 0)
            case "battery":
                return Battery((100, 11, 10, 6, 5, 4, 3, 50, 2, 0)[a % 10], b or None)
            case "answer" if self.uploads:
                return self._answer(self.uploads[-1], a, b)
            case "stale" if self.uploads:
                return self._answer(self.uploads[-1 - a % len(self.uploads)], a, b)
            case "assign":
                return Assign(("W-007", "W-008")[a % 2], ("foreman", None)[b % 2])
            case "unassign":
                return Unassign()
            case "utc":
                return UtcLearned(START_UNIX_MS + self.now + (a - 500) * (b % 3))
            case "cellular":
                return Cellular(a % 2 == 0)
            case "config":
                return ConfigPush(_PUSHES[a % len(_PUSHES)])
            case "firmware":
                return FirmwareOffer(("0.2.0", "0.1.0", "1.02.0", "0.3.0")[a % 4])
            case "boot":
                return Boot(("power_on", "watchdog", "user_reset", "firmware_update")[a % 4])
        return Tick()

    def _answer(self, upload: Upload, a: int, b: int) -> UploadAnswer:
        status = _STATUSES[a % len(_STATUSES)]
        span = range(upload.first_sequence, upload.last_sequence + 2)
        rejected = tuple((number, f"no {number}") for number in span if (number + b) % 3 == 0)
        return UploadAnswer(
            upload.request,
            status,
            rejected=rejected if status == 207 else (),
            code="schema_deprecated" if status == 422 and b % 2 else "",
            retry_after_s=(0, 7, 90, 4000)[b % 4] if status in (429, 503) else 0,
        )


_MOODS: tuple[tuple[tuple[str, ...], tuple[int, ...]], ...] = (  # kinds, and gaps in ms
    (_KINDS, _GAPS_MS),
    (("scan", "scan", "scan", "fix", "move", "tick"), (5000, 5000, 5000, 4999, 5001, 1)),
    (("scan", "scan", "scan", "scan", "scan", "scan", "config"), (5000, 5000, 5000, 1)),
    (("assign", "unassign", "answer", "stale", "battery", "utc"), (0, 1, 1000)),
    (("answer", "answer", "tick", "stale", "utc"), (0, 1000, 60_000, 120_000, 1_800_000)),
    (("assign", "unassign", "battery", "answer", "config", "utc", "cellular"), (0, 0, 1, 500)),
    (("firmware", "boot", "utc", "answer", "tick", "assign"), (0, 1000, 60_000, 300_000)),
    (("move", "move", "fix", "tick", "assign"), (0, 1000, 9999, 15_000, 30_000)),
)


def random_steps(seed: int, count: int) -> list[Step]:
    """A long story out of a seed, in moods: a walk, a bad cloud, the ends of shifts, updates."""
    rng = Random(seed)
    steps: list[Step] = []
    while len(steps) < count:
        kinds, gaps_ms = rng.choice(_MOODS)
        steps.append((0, _KINDS.index(rng.choice(("utc", "assign"))), rng.randrange(1000), 0))
        for _ in range(rng.choice((10, 30, 60))):
            gap = _GAPS_MS.index(rng.choice(gaps_ms))
            if rng.randrange(6) == 0:
                gap = len(_GAPS_MS) + rng.randrange(3)
            kind = _KINDS.index(rng.choice(kinds))
            steps.append((gap, kind, rng.randrange(1000), rng.randrange(1000)))
    return steps[:count]


def _quality(a: int, b: int) -> dict[str, Any]:
    return (
        {},
        {"hdop": 0.5 + a / 100},
        {"accuracy_m": b / 10, "altitude_m": a / 3, "speed_kmh": b / 3, "fix_type": "2d"},
        {"hdop": 1.2, "speed_kmh": 0.0, "fix_type": "dead_reckoning"},
    )[(a + b) % 4]


def _heard(a: int, b: int) -> tuple[tuple[str, int], ...]:
    """Tags near, far, absent, heard twice, unknown; RSSI that no radio can have."""
    dbm = (-50, -70, -71, -90, -60)
    if a % 3 == 0:
        return tuple((mac, -50) for mac in MACS)
    heard = [(mac, dbm[(b >> place) % 5]) for place, mac in enumerate(MACS) if a >> place & 1]
    if b % 7 == 0 and heard:
        heard.append((heard[0][0], -40))
    if b % 11 == 0:
        heard += [("00:00:00:00:00:01", -30), (MACS[0], 127), (MACS[0], -128)]
    return tuple(heard)
