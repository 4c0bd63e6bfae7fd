"""The naive badge's motion, positions and tags, from the sentences of contract section 3."""

from __future__ import annotations

from typing import Any

from badge import inputs
from badge.config import BadgeConfig

Event = dict[str, Any]


class NaiveSensors:
    """Keeps every movement, poll and cycle, and walks them all whenever it has to know."""

    def remember_nothing(self) -> None:
        self.moves: list[tuple[int, bool, int]] = []
        self.settled: list[int] = []
        self.polls: list[dict[str, Any]] = []
        self.last_fix: tuple[int, float, float] | None = None
        self.cycles: list[tuple[int, dict[str, int] | None, BadgeConfig]] = []

    # Motion.

    def walk_motion(self) -> tuple[str, int, int | None]:
        """State, since when, and when it will settle, from all that was ever told."""
        state, since, settle = "stationary", self.born, None
        for ms, moving, patience_ms in [*self.moves, (self.now, None, 0)]:
            if settle is not None and settle <= ms and settle in self.settled:
                state, since, settle = "stationary", settle, None
            if moving is True:
                if state == "stationary":
                    state, since = "moving", ms
                settle = None
            elif moving is False and state == "moving" and settle is None:
                settle = ms + patience_ms
        return state, since, settle

    def on_movement(self, what: inputs.Movement) -> None:
        before, since, _ = self.walk_motion()
        self.moves.append((self.now, what.moving, self.config.stationary_after_s * 1000))
        if what.moving and before == "stationary":
            self.say_motion("stationary", "moving", since)
        if what.moving and self.phase == "active":
            last = self.polls[-1]["ms"]
            self.poll_due = max(self.now, last + self.config.gps_interval_s * 1000)
            self.polls_before_moving = len(self.polls)

    def settle(self) -> None:
        _, since, _ = self.walk_motion()
        self.settled.append(self.now)
        self.say_motion("moving", "stationary", since)

    def say_motion(self, old: str, new: str, since: int) -> None:
        if self.phase == "active":
            seconds = (self.now - since) // 1000
            self.log("motion", previous_state=old, new_state=new, duration_s=seconds)

    # GPS.

    def waits_for_fix(self) -> bool:
        return bool(self.polls) and not self.polls[-1]["answered"]

    def poll(self) -> None:
        if self.waits_for_fix():
            self.no_fix()
        config, still = self.config, self.walk_motion()[0] == "stationary"
        patience_s = min(config.gps_timeout_s, config.gps_interval_s)
        poll = {"ms": self.now, "still": still, "answered": False, "patience_s": patience_s}
        self.polls.append(poll)
        run = 0
        for earlier in reversed(self.polls[self.polls_before_moving :]):
            if not earlier["still"]:
                break
            run += 1
        slow_s = max(config.gps_stationary_interval_s, config.gps_interval_s)
        self.poll_due = self.now + (slow_s if run > 5 else config.gps_interval_s) * 1000
        self.done.append(("poll", patience_s * 1000))

    def on_gpsfix(self, what: inputs.GpsFix) -> None:
        if self.phase != "active" or not self.waits_for_fix():
            return
        self.polls[-1]["answered"] = True
        lat, lon = round(what.lat, 6), round(what.lon, 6)
        accuracy_m = what.accuracy_m
        if accuracy_m is None:
            accuracy_m = (1.0 if what.hdop is None else what.hdop) * self.config.gps_uere_m
        optional = {"altitude_m": what.altitude_m, "speed_kmh": what.speed_kmh}
        known = {name: round(value, 1) for name, value in optional.items() if value is not None}
        accuracy = {"accuracy_m": round(accuracy_m, 1)}
        self.last_fix = (self.now, lat, lon)
        self.log("gps", lat=lat, lon=lon, **accuracy, **known, fix_type=what.fix_type)

    def no_fix(self) -> None:
        poll = self.polls[-1]
        poll["answered"] = True
        last = {}
        if self.last_fix is not None and self.now - self.last_fix[0] <= 5 * 60_000:
            last = {"last_known_lat": self.last_fix[1], "last_known_lon": self.last_fix[2]}
        self.log("gps_no_fix", timeout_s=poll["patience_s"], **last)

    # BLE.

    def scan(self) -> None:
        self.scan_due = self.now + self.config.ble_scan_period_s * 1000
        self.scan_answered = False
        self.done.append(("scan", self.config.ble_scan_period_s * 1000))

    def on_scanresult(self, what: inputs.ScanResult) -> None:
        if self.phase != "active" or self.scan_answered:
            return
        self.scan_answered = True
        strongest: dict[str, int] = {}
        for mac, dbm in what.heard:
            if mac in self.config.known_equipment_tags and -127 <= dbm <= -1:
                strongest[mac] = max(dbm, strongest.get(mac, -127))
        self.cycles.append((self.now, strongest, self.config))
        for mac in self.macs_in_order():
            if event := self.tag_story(mac)[1]:
                self.log(event.pop("event_type"), tag_mac=mac, **event)

    def macs_in_order(self) -> list[str]:
        """Every tag heard, in the order of hearing since it was last made known."""
        first: dict[str, tuple[int, int]] = {}
        for cycle, (_, heard, config) in enumerate(self.cycles):
            for place, mac in enumerate(heard or {}):
                first.setdefault(mac, (cycle, place))
            first = {mac: at for mac, at in first.items() if mac in config.known_equipment_tags}
        return sorted(first, key=lambda mac: first[mac])

    def tag_story(self, mac: str) -> tuple[bool, Event | None]:
        """Walk all cycles of the shift: present in the end, and what the last cycle means."""
        present, since, hits, misses, last, event = False, 0, 0, 0, -128, None
        for ms, heard, config in self.cycles:
            event = None
            if mac not in config.known_equipment_tags:
                present, hits, misses, last = False, 0, 0, -128
                continue
            if heard is None:
                continue
            rssi = heard.get(mac)
            last = last if rssi is None else rssi
            hit = rssi is not None and rssi >= config.ble_rssi_threshold
            if not present:
                hits = hits + 1 if hit else 0
                if hits >= config.ble_detection_count_threshold:
                    present, since, misses = True, ms, 0
                    event = {"event_type": "ble_proximity", "rssi": rssi, "detection_count": hits}
            else:
                misses = 0 if hit else misses + 1
                if misses >= config.ble_lost_count_threshold:
                    present, hits = False, 0
                    event = {"event_type": "ble_lost", "last_rssi": last}
                    event["duration_s"] = (ms - since) // 1000
        return present, event
