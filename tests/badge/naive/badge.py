"""A slow, obvious badge, written from the sentences of the contract (section 3) and nothing else.

It keeps whole histories and walks them from the start whenever it has to know something: no
tables, no counters, no deadlines kept in step.  `receive` returns what it does as pairs
(kind, what).  Where the contract is silent it follows the table of decisions in docs/design.md:
what is due at a moment happens before what is told at that moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from badge import inputs
from badge.config import BadgeConfig, read_config
from badge.entry import timestamp
from badge.errors import InputError
from badge.inputs import Input
from tests.badge.naive.sensors import NaiveSensors
from tests.badge.naive.uploads import NaiveUploads

Event = dict[str, Any]
Alarm = tuple[int, int, Callable[[], None]]


@dataclass
class Flash:
    """What a reboot leaves."""

    waiting: list[Event] = field(default_factory=list)
    quarantine: list[tuple[Event, str]] = field(default_factory=list)
    quarantined: int = 0
    next_number: int = 1
    overflows: int = 0
    config: BadgeConfig | None = None
    worker: str | None = None
    shift_started_age: int = 0
    readings: list[int] = field(default_factory=list)
    age: int = 0
    boot_age: int = 0
    running: str = ""
    previous: str = ""
    trial_until_age: int = 0


class NaiveBadge(NaiveSensors, NaiveUploads):
    """The same inputs in, what should come out as (kind, what)."""

    def __init__(self, config: BadgeConfig, version: str = "0.1.0") -> None:
        self.given, self.given_version = config, version
        self.flash = Flash(running=version)
        self.now = 0
        self.request = 0  # told by the test: the number of the upload under way
        self.done: list[tuple[str, Any]] = []

    def receive(self, what: Input, now: int) -> list[tuple[str, Any]]:
        self.done = []
        if hasattr(self, "phase"):
            self.run_until(now)
        self.now = now
        if isinstance(what, inputs.Boot):
            self.boot(what)
        elif self.phase != "off":
            getattr(self, "on_" + type(what).__name__.lower())(what)
            self.show()
        self.run_until(now)
        return self.done

    def run_until(self, now: int) -> None:
        while self.phase != "off":
            ms, _, call = min(self.alarms(), key=lambda alarm: alarm[:2])
            if ms > now:
                return
            self.now = ms
            call()
            self.show()

    def alarms(self) -> list[Alarm]:
        """Everything that is due some time, in the order in which it happens at one moment."""
        found: list[Alarm] = [(self.save_due, 9, self.save_age), (self.window_due, 8, self.window)]
        settle = self.walk_motion()[2]
        if settle is not None and settle not in self.settled:
            found.append((settle, 0, self.settle))
        if self.phase == "active":
            if self.waits_for_fix():
                poll = self.polls[-1]
                found.append((poll["ms"] + poll["patience_s"] * 1000 + 1, 1, self.no_fix))
            found.append((self.poll_due, 2, self.poll))
            found.append((self.scan_due, 3, self.scan))
            state, since, _ = self.walk_motion()
            if state == "stationary":
                still = since + self.config.auto_end_stationary_s * 1000
                open_for = self.shift_started + self.config.auto_end_min_shift_s * 1000
                found.append((max(still, open_for, self.now), 4, self.end_by_stillness))
        if self.on_trial:
            found.append((self.trial_due, 5, self.go_back))
        if self.batch:
            found.append((self.answer_due, 6, self.no_answer))
        if self.retry_due is not None:
            found.append((self.retry_due, 7, self.retry))
        return found

    # Boot.

    def boot(self, boot: inputs.Boot) -> None:
        flash = self.flash
        self.config = flash.config or self.given
        self.born = self.now
        self.age_at_birth = flash.age
        self.unix_offset: int | None = None
        self.cellular = True
        self.battery: int | None = None
        self.shown: tuple[Any, ...] | None = None
        self.duration: int | None = None
        self.leaving = False
        self.version = flash.running
        self.on_trial = bool(flash.previous)
        if self.on_trial and not flash.trial_until_age:
            flash.trial_until_age = self.age() + self.config.ota_confirm_s * 1000
        self.trial_due = max(self.now + flash.trial_until_age - flash.age, self.now + 1)
        self.phase = "booting"
        self.remember_nothing()
        self.begin_uploads()
        uptime = (self.age() - flash.boot_age) // 1000
        flash.boot_age = self.age()
        waiting = len(flash.waiting)
        self.log("reboot", reason=boot.reason, previous_uptime_s=uptime, events_in_queue=waiting)
        if flash.worker is not None:
            self.log("shift_end", worker_id=flash.worker, end_reason="reboot")
            flash.worker = None
        self.phase = "unassigned"
        self.show()

    def age(self) -> int:
        return self.age_at_birth + self.now - self.born

    def save_age(self) -> None:
        self.flash.age = self.age()
        self.save_due = self.now + self.config.uptime_save_s * 1000

    def log(self, event_type: str, **payload: Any) -> None:
        flash = self.flash
        event = {
            "firmware_version": self.version,
            "event_type": event_type,
            "age": self.age(),
            "unix": None if self.unix_offset is None else self.age() + self.unix_offset,
            "sequence_number": flash.next_number,
            "payload": payload,
        }
        flash.next_number += 1
        flash.waiting.append(event)
        while len(flash.waiting) > self.config.queue_events_max:
            flash.waiting.pop(0)
            flash.overflows += 1
        if self.unix_offset is not None:
            self.done.append(("event", self.wire(event)))
        self.generated = True
        self.save_age()

    def wire(self, event: Event) -> Event:
        return {
            "device_id": self.given.device_id,
            "firmware_version": event["firmware_version"],
            "event_type": event["event_type"],
            "timestamp_utc": timestamp(event["unix"] // 1000),
            "sequence_number": event["sequence_number"],
            "payload": event["payload"],
        }

    def on_utclearned(self, what: inputs.UtcLearned) -> None:
        self.unix_offset = what.unix_ms - self.age()
        for event in self.flash.waiting:
            if event["unix"] is None:
                event["unix"] = event["age"] + self.unix_offset
                self.done.append(("event", self.wire(event)))
        if self.waits_for_utc:
            self.want()

    def on_tick(self, what: inputs.Tick) -> None:
        pass

    # Shift.

    def on_assign(self, what: inputs.Assign) -> None:
        if self.phase not in ("unassigned", "shift_end"):
            return
        if self.config.worker_ids and what.worker_id not in self.config.worker_ids:
            return
        by = {"assigned_by": what.assigned_by} if what.assigned_by else {}
        self.log("shift_start", worker_id=what.worker_id, **by)
        self.flash.worker, self.flash.shift_started_age = what.worker_id, self.age()
        self.shift_started = self.now
        self.phase = "active"
        self.polls, self.cycles, self.polls_before_moving = [], [], 0
        self.done += [("gps", True), ("scanner", True)]
        self.poll()
        self.scan()

    def on_unassign(self, what: inputs.Unassign) -> None:
        self.end("manual")

    def end_by_stillness(self) -> None:
        self.end("auto_stationary")

    def end(self, reason: str, then: str = "shift_end") -> None:
        if self.phase == "active":
            self.log("shift_end", worker_id=self.flash.worker, end_reason=reason)
            self.flash.worker = None
            self.duration = (self.now - self.shift_started) // 1000
            self.polls, self.cycles = [], []
            self.done += [("gps", False), ("scanner", False)]
        elif then != "closing" or self.phase == "closing":
            return
        elif self.phase == "unassigned":
            self.duration = None
        self.phase = then
        self.show()
        if self.retry_due is None or not self.retry_after:
            self.want(final=True)
        if not self.batch:
            self.attempt_over()

    def attempt_over(self) -> None:
        if self.phase == "shift_end":
            self.phase = "unassigned"
        elif self.phase == "closing":
            self.phase = "off"
            self.save_age()
            self.done.append(("off", None))
        self.show()

    # Battery.

    def on_battery(self, what: inputs.Battery) -> None:
        self.battery = what.pct
        millivolts = {} if what.voltage_mv is None else {"voltage_mv": what.voltage_mv}
        for level in (10, 5):
            if self.is_armed(level) and what.pct <= level:
                self.log("low_battery", battery_pct=what.pct, **millivolts)
        self.flash.readings.append(what.pct)
        self.show()
        if what.pct <= self.config.shutdown_pct:
            self.end("low_battery", then="closing")

    def is_armed(self, level: int) -> bool:
        """Armed at first; a reading at or below disarms, one above arms, all life long."""
        return not self.flash.readings or self.flash.readings[-1] > level

    def on_cellular(self, what: inputs.Cellular) -> None:
        self.cellular = what.connected

    # Configuration, firmware, display.

    def on_configpush(self, what: inputs.ConfigPush) -> None:
        secret = {"api_key": self.config.api_key.get_secret_value()}
        try:
            config = read_config({**self.config.public(), **secret, **what.document})
        except InputError:
            return
        if config.device_id != self.given.device_id:
            return
        self.config = self.flash.config = config
        self.cycles.append((self.now, None, config))
        self.window_due = min(self.window_due, self.now + config.upload_interval_s * 1000)

    def on_firmwareoffer(self, what: inputs.FirmwareOffer) -> None:
        parts = what.version.split(".")
        proper = len(parts) == 3 and all(p.isdigit() and str(int(p)) == p for p in parts)
        if not proper or what.version == self.version or self.on_trial or self.leaving:
            return
        self.flash.previous, self.flash.running = self.version, what.version
        self.flash.trial_until_age = 0
        self.leave()

    def go_back(self) -> None:
        self.flash.running, self.flash.previous = self.flash.previous, ""
        self.leave()

    def leave(self) -> None:
        self.on_trial, self.leaving = False, True
        self.done.append(("reboot", self.flash.running))

    def show(self) -> None:
        """Redraw if the state, a battery crossing, the link, or the known start changed."""
        active = self.phase == "active"
        state = {"active": "ACTIVE", "shift_end": "SHIFT_END", "off": "OFF"}.get(self.phase)
        if self.phase == "closing" and self.duration is not None:
            state = "SHIFT_END"
        state = state or "UNASSIGNED"
        pct = 100 if self.battery is None else self.battery
        offset = self.unix_offset
        started = None
        if active and offset is not None:
            started = timestamp((self.flash.shift_started_age + offset) // 1000)
        band = sum(pct <= level for level in (10, 5))
        key = (state, self.flash.worker, band, self.cellular, started is not None)
        if key == self.shown:
            return
        self.shown = key
        screen = {
            "state": state,
            "firmware_version": self.version,
            "worker_id": self.flash.worker if active else None,
            "shift_started_utc": started,
            "shift_duration_s": self.duration if state == "SHIFT_END" else None,
            "battery_pct": self.battery if active else None,
            "low_battery": band > 0,
            "no_cellular": not self.cellular,
        }
        self.done.append(("screen", screen))
