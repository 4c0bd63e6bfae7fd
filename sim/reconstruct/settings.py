"""The settings that a badge must have had, as far as its events tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from badge.config import BadgeConfig, read_config
from badge.errors import InputError
from sim.reconstruct.seen import SeenEvent

VARIES_S = 3
_POLLED = ("gps", "gps_no_fix")


def settings_of(device_id: str, events: Sequence[SeenEvent], given: dict[str, Any]) -> BadgeConfig:
    """Make a configuration: what is `given`, then what the events tell, then the defaults."""
    found: dict[str, Any] = {"device_id": device_id}
    tags = [one.payload.get("tag_mac") for one in events if one.kind.startswith("ble_")]
    found["known_equipment_tags"] = list(dict.fromkeys(tag for tag in tags if tag))
    near = [one.payload for one in events if one.kind == "ble_proximity"]
    usual = read_config({"device_id": device_id})
    if near:
        weakest = min(payload["rssi"] for payload in near)
        found["ble_rssi_threshold"] = min(usual.ble_rssi_threshold, weakest)
        count = Counter(payload["detection_count"] for payload in near).most_common(1)[0][0]
        found["ble_detection_count_threshold"] = count
    timeouts = [one.payload["timeout_s"] for one in events if one.kind == "gps_no_fix"]
    if timeouts:
        found["gps_timeout_s"] = Counter(timeouts).most_common(1)[0][0]
    interval = _gps_interval_s(events, usual)
    if interval is not None:
        found["gps_interval_s"] = interval
    window = _window_s(events, usual)
    if window is not None:
        found["upload_interval_s"] = window
    possible = {name: value for name, value in found.items() if _is_setting(name, value, device_id)}
    return read_config({**possible, **given}, place="--config")


def _is_setting(name: str, value: Any, device_id: str) -> bool:
    """Tell whether a badge can have been set so: what an event says need not be true."""
    try:
        read_config({"device_id": device_id, name: value})
    except InputError:
        return False
    return True


def _gps_interval_s(events: Sequence[SeenEvent], usual: BadgeConfig) -> int | None:
    polls = [one for one in events if one.kind in (*_POLLED, "shift_start", "reboot")]
    gaps = Counter(
        b.second - a.second for a, b in pairwise(polls) if a.kind == b.kind and a.kind in _POLLED
    )

    def near(interval_s: int) -> int:
        """Count gaps about an interval: a fix takes its time, so they vary by some seconds."""
        return sum(n for gap, n in gaps.items() if abs(gap - interval_s) <= VARIES_S)

    fast, slow = near(usual.gps_interval_s), near(usual.gps_stationary_interval_s)
    if slow and not fast and slow >= gaps.total() / 2:
        return usual.gps_stationary_interval_s  # at rest or not, it was polled no faster
    if fast + slow >= gaps.total() / 2:
        return None
    interval, count = gaps.most_common(1)[0]
    return interval if count > 2 and interval > 0 else None


def _window_s(events: Sequence[SeenEvent], usual: BadgeConfig) -> int | None:
    beats = [one for one in events if one.kind in ("upload_heartbeat", "reboot")]
    gaps = [
        b.second - a.second for a, b in pairwise(beats) if a.kind == b.kind == "upload_heartbeat"
    ]
    shortest = min(gaps, default=usual.upload_interval_s)
    # A second off: both ends are cut to whole seconds.
    if abs(shortest % usual.upload_interval_s) <= 1 or shortest % usual.upload_interval_s == (
        usual.upload_interval_s - 1
    ):
        return None
    return shortest
