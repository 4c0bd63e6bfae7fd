"""How fast batches are judged, against pydantic alone on the same bytes.

`python benchmarks/validate.py` prints each ratio (their time / ours: above 1 we are faster).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from time import perf_counter
from typing import Any, get_args

from pydantic import TypeAdapter

from badge.contract.events import Event
from badge.contract.validation import judge_json

EVENTS_PER_BATCH = 120  # a usual upload window (contract section 6)
ROUNDS, CALLS = 60, 3  # short turns: the best of many sees a busy machine at rest


def batch() -> bytes:
    """Write a batch as a badge uploads it: gps mostly, with tags and motion in between."""
    return json.dumps([_event(i) for i in range(EVENTS_PER_BATCH)], separators=(",", ":")).encode()


def _event(i: int) -> dict[str, Any]:
    event_type, payload = _payload(i)
    return {
        "device_id": "ACT-3F8A21B4",
        "firmware_version": "0.3.1",
        "event_type": event_type,
        "timestamp_utc": f"2026-03-14T06:{i // 4 % 60:02d}:{i % 4 * 15:02d}Z",
        "sequence_number": 1041 + i,
        "payload": payload,
    }


def _payload(i: int) -> tuple[str, dict[str, Any]]:
    if i % 20 == 7:
        tag = {"tag_mac": "F4:A7:2E:11:03:BC"}
        return "ble_proximity", {**tag, "rssi": -62, "detection_count": 3}
    if i % 20 == 13:
        states = {"previous_state": "moving", "new_state": "stationary"}
        return "motion", {**states, "duration_s": 95}
    fix = {"lat": 33.749001, "lon": -84.387982, "accuracy_m": 4.2, "fix_type": "3d"}
    return "gps", fix


def ratios() -> list[tuple[str, float, float]]:
    """Measure (name, ratio, goal): pydantic's best time / that of `judge_json`, interleaved."""
    raw = batch()
    members = get_args(get_args(Event)[0])
    union: Any = members[0]
    for member in members[1:]:
        union = union | member
    plain = TypeAdapter(list[union]).validate_json
    discriminated = TypeAdapter(list[Event]).validate_json
    ours, theirs, chosen = _best([judge_json, plain, discriminated], raw)
    return [
        ("judge_json / TypeAdapter of the plain union", theirs / ours, 1.0),
        ("judge_json / TypeAdapter of the discriminated union", chosen / ours, 0.8),
    ]


def _best(calls: list[Callable[[bytes], Any]], raw: bytes) -> list[float]:
    best = [float("inf")] * len(calls)
    for _ in range(ROUNDS):
        for i, call in enumerate(calls):
            start = perf_counter()
            for _ in range(CALLS):
                call(raw)
            best[i] = min(best[i], perf_counter() - start)
    return best


if __name__ == "__main__":
    for name, ratio, goal in ratios():
        print(f"{name}: {ratio:.2f} x (goal {goal:.1f} x)")
