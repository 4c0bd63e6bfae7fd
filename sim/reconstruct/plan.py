"""What happened in one boot, by the badge's own timing: moments, and the inputs that explain.

Each poll logs one event, so the nth position is the nth poll; polls, windows, timeouts and cycles
follow from a boot, a shift's beginning or a movement by whole intervals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from badge.config import BadgeConfig
from badge.inputs import (
    Assign,
    Battery,
    GpsFix,
    Input,
    Movement,
    ScanResult,
    Unassign,
    UtcLearned,
)
from badge.machines.core import Due
from badge.machines.gps import STATIONARY_POLLS_BEFORE_SLOW
from sim.reconstruct.phases import Phases
from sim.reconstruct.scans import ScanPlan
from sim.reconstruct.seen import SeenEvent

SLACK_MS = 999  # what a time in whole seconds leaves open


@dataclass(slots=True)
class Planned:
    """An input, and the event that it is to explain (its place in the boot), if it is for one."""

    ms: int
    what: Input
    explains: int | None = None


@dataclass(slots=True)
class _Shift:
    start: int  # place of its shift_start
    scans: ScanPlan
    poll: tuple[int, int] = (0, 0)  # moment, and ms behind it
    answered: bool = False
    stationary_polls: int = 0
    due: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class BootPlan:
    """The plan of one boot's events."""

    events: list[SeenEvent]
    config: BadgeConfig
    phases: Phases = field(default_factory=Phases)
    movement_first: frozenset[int] = frozenset()  # of a poll and these movements in one second
    undecided: list[int] = field(default_factory=list)  # movements in one second with a poll
    moments: list[int] = field(default_factory=list)
    _silent: list[tuple[int, int, bool]] = field(default_factory=list)  # moment, ms behind, moving
    _shifts: list[_Shift] = field(default_factory=list)
    _moving: bool = False
    _since: tuple[int, int] = (0, 0)

    def solve(self) -> None:
        """Set up the rules of all events and find their moments."""
        for one in self.events:
            self.phases.moment(one.second * 1000, one.second * 1000 + SLACK_MS)
        shift: _Shift | None = None
        for place, one in enumerate(self.events):
            if place:
                self.phases.after(place - 1, place, _least_ms(self.events, place), None, -1)
            if one.kind == "shift_start":
                shift = self._open(place)
            elif one.kind == "shift_end":
                self._end(place, one, shift)
                shift = None
            elif one.kind == "upload_heartbeat":
                self._window(place, one)
            elif one.kind == "motion":
                self._motion(place, one, shift)
            elif shift is not None and one.kind in ("gps", "gps_no_fix"):
                self._position(place, one, shift)
            elif shift is not None and one.kind in ("ble_proximity", "ble_lost"):
                shift.scans.add(place, one, self.phases)
        self.moments = list(self.phases.solve())

    def at(self, place: int) -> int:
        """Give the moment of an event."""
        return self.moments[place]

    def _second(self, at: tuple[int, int]) -> int:
        return self.phases.low[at[0]] // 1000 + at[1] // 1000

    def _window(self, place: int, one: SeenEvent) -> None:
        config = self.config
        since = one.second - self.events[0].second - config.boot_upload_delay_s
        count = round(since / config.upload_interval_s)
        ms = (config.boot_upload_delay_s + count * config.upload_interval_s) * 1000
        self.phases.after(0, place, ms, ms, place)

    # A shift, its positions and its movements.

    def _open(self, place: int) -> _Shift:
        shift = _Shift(place, ScanPlan(place, self.config, self.phases))
        self._shifts.append(shift)
        wants = self._state_at_start(place)
        if wants is not None and wants is not self._moving:
            first = next((o for o in self.events[place + 1 :] if o.kind == "motion"), None)
            if first is None or first.payload.get("previous_state") is None:
                # Silently, just before: nothing tells when.
                self._silent.append((place, 0, wants))
                self._moving, self._since = wants, (place, 0)
            else:
                self._moving = wants
                self._since = (-1, 0)
        shift.stationary_polls = 0 if self._moving else 1
        shift.poll = (place, 0)
        shift.due = (place, self.config.gps_interval_s * 1000)
        return shift

    def _state_at_start(self, place: int) -> bool | None:
        """Tell whether it moves when a shift begins; None if nothing tells."""
        positions = []
        for one in self.events[place + 1 :]:
            if one.kind == "shift_end":
                break
            if one.kind == "motion":
                return bool(one.payload["previous_state"] == "moving")
            if one.kind in ("gps", "gps_no_fix"):
                positions.append(one.second)
        slow_from = STATIONARY_POLLS_BEFORE_SLOW + 1
        if len(positions) <= slow_from:
            return None
        gap_s = positions[slow_from] - positions[slow_from - 1]
        between = (self.config.gps_interval_s + self.config.gps_stationary_interval_s) / 2
        return gap_s < between

    def _poll(self, shift: _Shift) -> None:
        """The next poll begins."""
        config = self.config
        shift.poll, shift.answered = shift.due, False
        shift.stationary_polls = 0 if self._moving else shift.stationary_polls + 1
        slow = shift.stationary_polls > STATIONARY_POLLS_BEFORE_SLOW
        slow_s = max(config.gps_stationary_interval_s, config.gps_interval_s)
        step_ms = (slow_s if slow else config.gps_interval_s) * 1000
        shift.due = (shift.poll[0], shift.poll[1] + step_ms)

    def _position(self, place: int, one: SeenEvent, shift: _Shift) -> None:
        if shift.answered:
            self._poll(shift)
        timeout_ms = min(self.config.gps_timeout_s, self.config.gps_interval_s) * 1000
        if place and one.number != self.events[place - 1].number + 1:
            # Some events are not held, and among them perhaps what earlier polls have logged.
            while self._second(shift.due) <= one.second - timeout_ms // 1000:
                self._poll(shift)
        base, behind = shift.poll
        if one.kind == "gps":
            self.phases.after(base, place, behind, behind + timeout_ms, place)
        else:
            ms = behind + timeout_ms + 1
            self.phases.after(base, place, ms, ms, place)
        shift.answered = True

    def _motion(self, place: int, one: SeenEvent, shift: _Shift | None) -> None:
        moving = one.payload["new_state"] == "moving"
        if shift is not None:
            self._order_with_poll(place, one, shift, moving=moving)
        self._since_known(place, one)
        self._moving, self._since = moving, (place, 0)
        if shift is None or not moving:
            return
        shift.stationary_polls = 0
        base, behind = shift.poll[0], shift.poll[1] + self.config.gps_interval_s * 1000
        # The next poll is due at max(now, last poll + interval).
        soon_s = self._second((base, behind))
        if soon_s == one.second and place not in self.undecided:
            self.undecided.append(place)
        if soon_s > one.second or (soon_s == one.second and place in self.movement_first):
            shift.due = (base, behind)
            self.phases.after(place, base, -behind, None, place)
        else:
            shift.due = (place, 0)
            self.phases.after(base, place, behind, None, place)

    def _order_with_poll(self, place: int, one: SeenEvent, shift: _Shift, *, moving: bool) -> None:
        """Decide whether a movement comes before or behind the poll that is due, and hold to it."""
        rules = self.phases
        # In one moment stationary is settled first, then polls begin, then inputs are heard.
        behind_ms = 0 if moving else 1
        if shift.answered:
            due_s = self._second(shift.due)
            if due_s == one.second:
                self.undecided.append(place)
            if due_s > one.second or (due_s == one.second and place in self.movement_first):
                base, due_ms = shift.due
                rules.after(place, base, 1 - behind_ms - due_ms, None, place)
                rules.after(shift.poll[0], place, shift.poll[1] + behind_ms, None, place)
                return
            self._poll(shift)
        rules.after(shift.poll[0], place, shift.poll[1] + behind_ms, None, place)

    def _since_known(self, place: int, one: SeenEvent) -> None:
        """Tie a movement to the one before by its duration, or to a silent one that it tells of."""
        ms = one.payload["duration_s"] * 1000
        was_moving = one.payload["previous_state"] == "moving"
        base, behind = self._since
        if base >= 0 and was_moving is self._moving:
            off_s = one.second - self._second(self._since) - one.payload["duration_s"]
            if abs(off_s) <= 1:
                # Movement must end behind its beginning, so long before stationary is told.
                still_ms = self.config.stationary_after_s * 1000 + 1 if was_moving else 0
                least_ms = max(ms, min(still_ms, ms + SLACK_MS))
                self.phases.after(base, place, behind + least_ms, behind + ms + SLACK_MS, place)
                return
        low = (one.second - one.payload["duration_s"] - 1) * 1000
        silent = self.phases.moment(low, low + 2 * SLACK_MS + 2)
        self.phases.after(silent, place, ms, ms + SLACK_MS, place)
        self._silent.append((silent, 0, was_moving))

    def _end(self, place: int, one: SeenEvent, shift: _Shift | None) -> None:
        if one.payload.get("end_reason") == "reboot" and place == 1:
            self.phases.after(0, 1, 0, 0, place)
        if one.payload.get("end_reason") != "auto_stationary" or shift is None:
            return
        config = self.config
        still = (self._since[0], self._since[1] + config.auto_end_stationary_s * 1000)
        least = (shift.start, config.auto_end_min_shift_s * 1000)
        base, behind = max((still, least), key=self._second) if self._since[0] >= 0 else least
        self.phases.after(base, place, behind, behind, place)

    # The inputs.

    def inputs(self) -> Iterator[Planned]:
        """Give the inputs that explain the events, in no order."""
        yield from self._movements()
        yield from self._clock_sets()
        for shift in self._shifts:
            yield from (
                Planned(ms, ScanResult(heard), place)
                for ms, heard, place in shift.scans.results(self.moments)
            )
        for place, one in enumerate(self.events):
            what = self._input_of(one)
            if what is not None:
                yield Planned(self.at(place), what, place)

    def _clock_sets(self) -> Iterator[Planned]:
        """The clock is set between two events, so that only the later one is told by it."""
        ahead_ms = 0
        for place, one in enumerate(self.events):
            if one.clock_set_s:
                ahead_ms += one.clock_set_s * 1000
                ms = self.at(place) - 1
                yield Planned(ms, UtcLearned(ms + ahead_ms))

    def _input_of(self, one: SeenEvent) -> Input | None:
        payload = one.payload
        match one.kind:
            case "shift_start":
                return Assign(payload["worker_id"], payload.get("assigned_by"))
            case "shift_end" if payload["end_reason"] == "manual":
                return Unassign()
            case "shift_end" if payload["end_reason"] == "low_battery":
                return Battery(0)
            case "gps":
                return GpsFix(
                    payload["lat"],
                    payload["lon"],
                    accuracy_m=payload["accuracy_m"],
                    altitude_m=payload.get("altitude_m"),
                    speed_kmh=payload.get("speed_kmh"),
                    fix_type=payload["fix_type"],
                )
            case "motion" if payload["new_state"] == "moving":
                return Movement(True)
            case "low_battery":
                return Battery(payload["battery_pct"], payload.get("voltage_mv"))
        return None

    def _movements(self) -> Iterator[Planned]:
        """Movement ends so long before stationary is told."""
        settle_ms = self.config.stationary_after_s * 1000
        for place, one in enumerate(self.events):
            if one.kind == "motion" and one.payload["new_state"] == "stationary":
                yield Planned(self.at(place) - settle_ms, Movement(False))
        for moment, behind, moving in self._silent:
            at_ms = self.moments[moment] + behind
            if moving:
                # Whatever it was before: it has been still for long enough to begin anew.
                yield Planned(at_ms, Movement(True))
            else:
                yield Planned(at_ms - settle_ms - 1, Movement(True))
                yield Planned(at_ms - settle_ms, Movement(False))


def _least_ms(events: list[SeenEvent], place: int) -> int:
    """Give how far an event lies behind the one before: a deadline comes first in its moment."""
    if events[place].clock_set_s:
        return 2  # there is a moment between them
    rank, before = _rank(events[place]), _rank(events[place - 1])
    return 0 if rank is None or (before is not None and before < rank) else 1


def _rank(one: SeenEvent) -> int | None:
    """Order what is logged by deadlines as the badge does; None for what an input causes."""
    reason = one.payload.get("end_reason")
    match one.kind:
        case "motion" if one.payload.get("new_state") == "stationary":
            return Due.SETTLE
        case "gps_no_fix":
            return Due.GPS_TIMEOUT
        case "shift_end" if reason == "auto_stationary":
            return Due.AUTO_END
        case "upload_heartbeat":
            return Due.WINDOW
    return None
