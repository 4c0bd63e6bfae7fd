"""A badge lives through what was planned, boot by boot; what it logs decides what was explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise
from math import inf
from typing import Any

from badge.config import BadgeConfig
from badge.effects import Effect, Logged, Upload
from badge.inputs import Battery, Boot, FirmwareOffer, Input, Tick, UtcLearned
from badge.machines.battery import CRITICAL_PCT, LOW_PCT
from badge.recording.alignment import Difference, align
from badge.recording.format import Happened, Header, Wrote
from badge.recording.playback import Life
from badge.storage.memory import MemoryStore, snapshot
from sim.reconstruct.answers import AnswerPlan
from sim.reconstruct.clock import steadied
from sim.reconstruct.plan import BootPlan, Planned
from sim.reconstruct.seen import SeenEvent, boots, with_beginning

SAVE_MS = 60_000
ORDERS_MAX = 50  # of polls and movements in one second, in one boot
_NEAREST = 3
_LOOK_AHEAD = 4  # events that may be missing before another one is taken for an extra one


@dataclass(slots=True)
class Reconstructed:
    """A recording, and what of the events it does not explain."""

    header: Header
    lines: list[Happened | Wrote]
    unexplained: list[Difference] = field(default_factory=list)
    gaps: list[tuple[int, int]] = field(default_factory=list)
    stand_ins: int = 0  # events that the replay logs in the place of some that are not held
    began_before: int = 0  # the first number that is held, if its boot is not
    clock_sets: list[tuple[int, int]] = field(default_factory=list)  # before which number, seconds
    unfit: list[int] = field(default_factory=list)  # of each boot the first whose time does not fit


def reconstruct(config: BadgeConfig, events: Sequence[SeenEvent]) -> Reconstructed:
    """Explain the events of one device, in the order of their numbers."""
    begun = with_beginning(list(events), config.gps_interval_s, config.gps_timeout_s)
    supposed = sum(not one.is_held for one in begun)
    parts = [steadied(part, config) for part in boots(begun)]
    driver = _Driver(config, parts)
    for number in range(len(parts)):
        driver.live(number)
    driver.close()
    wanted = [Wrote(0, one.event) for one in events]
    logged = [Wrote(0, line.event) for line in driver.lines if isinstance(line, Wrote)]
    logged = logged[supposed:]
    begins = events[0].number if supposed else 0
    gaps = [(a.number + 1, b.number - 1) for a, b in pairwise(events) if b.number > a.number + 1]
    differences = align(wanted, logged)
    told = [one for one in differences if not _stands_in(one, gaps)]
    stand_ins = len(differences) - len(told)
    sets = [(one.number, one.clock_set_s) for part in parts for one in part if one.clock_set_s]
    return Reconstructed(
        driver.header, driver.lines, told, gaps, stand_ins, begins, sets, driver.unfit
    )


def _stands_in(one: Difference, gaps: Sequence[tuple[int, int]]) -> bool:
    """Whether it is logged under a number that is not held: something was there."""
    if one.wanted is not None or one.logged is None:
        return False
    number = one.logged.event["sequence_number"]
    return any(first <= number <= last for first, last in gaps)


class _Driver:
    """The badge, its clock, and what has been logged so far."""

    def __init__(self, config: BadgeConfig, parts: list[list[SeenEvent]]) -> None:
        self.config, self.parts = config, parts
        first = parts[0][0]
        self.header = Header(
            config, first.firmware, _held_before(parts[0], config), "reconstructed"
        )
        self.life = Life(self.header, f"reconstruction of {config.device_id}")
        self.lines: list[Happened | Wrote] = []
        self._heap: list[tuple[int, int, int, Planned]] = []
        self._running_id = 0
        self._boot_ms = self._end_ms = 0
        self._part: list[SeenEvent] = []
        self._next = 0
        self._answers: AnswerPlan | None = None
        self.unfit: list[int] = []

    def live(self, number: int) -> None:
        """Live through one boot and all that is known of it."""
        part = self.parts[number]
        after = self.parts[number + 1] if number + 1 < len(self.parts) else None
        plan = _solved(part, self.config, after)
        if unfit := [place for place in sorted(plan.phases.dropped) if 0 < place < len(part)]:
            self.unfit.append(part[unfit[0]].number)
        boot_unix_ms = plan.at(0)
        if number:
            self._boot_ms = self._next_boot_ms(self.parts[number - 1], part, boot_unix_ms)
        self._part, self._next = part, 0
        shift_ms = self._boot_ms - boot_unix_ms
        self._answers = self._answer_plan(number, plan, shift_ms)
        for planned in plan.inputs():
            ms = max(planned.ms + shift_ms, self._boot_ms)  # what was before its boot comes with it
            self._push(Planned(ms, planned.what, planned.explains))
        off_ms = self._answers.off_ms
        if off_ms is not None and part[-1].kind not in ("shift_end", "low_battery"):
            self._push(Planned(max(off_ms, plan.at(len(part) - 1) + shift_ms), Battery(0)))
        self._boot(part[0], boot_unix_ms)
        last_ms = plan.at(len(part) - 1) + shift_ms
        # A millisecond more: the last upload may come again right behind the last event.
        self._run(max(last_ms + 1, off_ms or 0) if number + 1 < len(self.parts) else last_ms)
        self._end_ms, self._end_unix_ms = last_ms, plan.at(len(part) - 1)

    def close(self) -> None:
        """End behind the last event: a replay lets no deadline fire behind its last input."""
        if type(self.lines[-1]) is Wrote:
            self._give(Tick(), self.lines[-1].ms)

    def _boot(self, first: SeenEvent, unix_ms: int) -> None:
        state = self.life.badge.store.state
        running = state.running_version or self.header.firmware_version
        if self.lines and running != first.firmware:
            self._give(FirmwareOffer(first.firmware), self._boot_ms)
        self._give(Boot(first.payload["reason"]), self._boot_ms)
        self._give(UtcLearned(unix_ms), self._boot_ms)

    def _next_boot_ms(self, before: list[SeenEvent], part: list[SeenEvent], unix_ms: int) -> int:
        """Choose when it boots: as long after the last event as its uptime tells."""
        floor_ms = max(self._end_ms, self._life_ms())
        if self.life.badge.state == "off":
            return floor_ms + 1
        saves = max(_saves(before, part[0]) or 0, 0)
        low, high = self._end_ms + saves * SAVE_MS, self._end_ms + (saves + 1) * SAVE_MS - 1
        really = self._end_ms + unix_ms - self._end_unix_ms
        return max(really if low <= really <= high else low + 1, floor_ms)

    def _life_ms(self) -> int:
        return self.lines[-1].ms if self.lines else 0

    def _answer_plan(self, number: int, plan: BootPlan, shift_ms: int) -> AnswerPlan:
        part = self.parts[number]
        after = self.parts[number + 1][0] if number + 1 < len(self.parts) else None
        moments = [plan.at(place) + shift_ms for place in range(len(part))]
        keeps, off_ms, end_ms = None, None, None
        if after is not None and after.kind == "reboot":
            keeps = part[-1].number - int(after.payload["events_in_queue"])
            saves = _saves(part, after)
            known_ms = max((after.second - part[-1].second - 1) * 1000, (saves or 0) * SAVE_MS)
            end_ms = moments[-1] + min(known_ms, ((saves or 0) + 1) * SAVE_MS - 1)
            if saves is None:
                off_ms = self._boot_ms + int(after.payload["previous_uptime_s"]) * 1000 + 1
        ends = [moments[place] for place, one in enumerate(part) if one.kind == "shift_end"]
        return AnswerPlan(
            self.config,
            self._boot_ms,
            [one.number for one in part],
            moments,
            ends,
            keeps,
            self._boot_ms + self.config.ota_confirm_s * 1000 if self._reverts(number) else 0,
            off_ms,
            end_ms,
        )

    def _reverts(self, number: int) -> bool:
        """Whether this boot's firmware is given up: the next boot runs the one before it."""
        if not 0 < number < len(self.parts) - 1:
            return False
        before, here, after = (self.parts[number + step][0] for step in (-1, 0, 1))
        update = after.payload.get("reason") == "firmware_update"
        return update and here.firmware != before.firmware == after.firmware

    # One input after the other.

    def _push(self, planned: Planned) -> None:
        self._running_id += 1
        order = -1 if planned.explains is None else planned.explains
        heappush(self._heap, (planned.ms, order, self._running_id, planned))

    def _run(self, last_ms: int) -> None:
        while self._heap and self._heap[0][0] <= last_ms:
            planned = heappop(self._heap)[3]
            self._until(planned.ms)
            if self._heap and self._heap[0][0] < planned.ms:
                self._push(planned)  # an answer has come in between
                continue
            self._look(self.life.give(None, planned.ms), planned.ms)
            if planned.explains is not None and planned.explains < self._next:
                continue  # an input before has explained it, too
            self._arm(planned)
            self._give(planned.what, planned.ms)
        while True:
            self._until(last_ms + 1)
            if not self._heap or self._heap[0][0] > last_ms:
                break
            planned = heappop(self._heap)[3]
            self._give(planned.what, max(planned.ms, self._life_ms()))
        self._heap = []

    def _until(self, ms: int) -> None:
        """Let time pass; an upload's answer may be due before."""
        badge = self.life.badge
        while (due_ms := badge.next_deadline_ms) is not None and due_ms < ms:
            if self._heap and self._heap[0][0] <= due_ms and self._heap[0][3].explains is None:
                planned = heappop(self._heap)[3]
                self._give(planned.what, planned.ms)
                continue
            for at_ms, effects in self.life.until(due_ms + 1):
                self._look(effects, at_ms)

    def _arm(self, planned: Planned) -> None:
        """Bring the thresholds to where the reading logs what it is to log."""
        if type(planned.what) is not Battery or planned.explains is None:
            return
        one, state = self._part[planned.explains], self.life.badge.store.state
        if one.kind != "low_battery":
            return
        pct = planned.what.pct
        after = self._part[planned.explains + 1 : planned.explains + 2]
        twice = bool(after) and (after[0].kind, after[0].payload) == (one.kind, one.payload)
        if (twice or pct > CRITICAL_PCT) and not (state.low_armed and state.critical_armed):
            self._give(Battery(100), planned.ms)
        elif not twice and pct <= CRITICAL_PCT and not (state.low_armed or state.critical_armed):
            self._give(Battery(LOW_PCT), planned.ms)

    def _give(self, what: Input, ms: int) -> None:
        ms = max(ms, self._life_ms())  # what was to happen before its boot happens with it
        effects = self.life.give(what, ms)
        self.lines.append(Happened(ms, what))
        self._look(effects, ms)

    def _look(self, effects: Sequence[Effect], ms: int) -> None:
        for effect in effects:
            if type(effect) is Logged:
                event = effect.entry.event(self.config.device_id)
                self.lines.append(Wrote(ms, event))
                self._logged(event)
            elif type(effect) is Upload and self._answers is not None:
                closing = self.life.badge.state == "closing"
                found = self._answers.answer(effect, ms, closing=closing)
                if found is not None:
                    self._push(Planned(max(found[0], ms), found[1]))

    def _logged(self, event: dict[str, Any]) -> None:
        """Note which events are explained: up to which place of this boot."""
        for place in range(self._next, min(self._next + _LOOK_AHEAD, len(self._part))):
            if self._part[place].kind == event["event_type"]:
                self._next = place + 1
                return


def _solved(part: list[SeenEvent], config: BadgeConfig, after: list[SeenEvent] | None) -> BootPlan:
    """Find the moments; where a poll and a movement share a second, the order that fits."""

    def tried(movement_first: frozenset[int]) -> BootPlan:
        plan = BootPlan(part, config, movement_first=movement_first)
        if after is not None and after[0].kind == "reboot" and part[0].kind == "reboot":
            _tie_to_next(plan, part, after[0])
        plan.solve()
        return plan

    best = tried(frozenset())
    # Where both keep to whole seconds they meet again and again, and a deadline comes first.
    while best.phases.dropped:
        settled = {o for o in best.undecided if part[o].payload["new_state"] == "stationary"}
        plan = tried(best.movement_first | settled)
        if _fits(plan) <= _fits(best):
            break
        best = plan
    for _ in range(ORDERS_MAX):
        if not best.phases.dropped:
            break
        conflict = best.phases.conflicts[0]
        last = max(conflict)
        nearest = [place for place in best.undecided if place <= last][-_NEAREST:]
        taking_part = [place for place in best.undecided if place in conflict]
        for place in dict.fromkeys([*reversed(taking_part[-_NEAREST:]), *reversed(nearest)]):
            plan = tried(best.movement_first ^ {place})
            if _fits(plan) > _fits(best):
                best = plan
                break
        else:
            break
    return best


def _fits(plan: BootPlan) -> tuple[float, int]:
    """Tell how far a plan goes without a contradiction, and how few there are."""
    dropped = plan.phases.dropped
    return min(dropped, default=inf), -len(dropped)


def _tie_to_next(plan: BootPlan, part: list[SeenEvent], after: SeenEvent) -> None:
    saves = _saves(part, after)
    if saves is not None:
        ms = int(after.payload["previous_uptime_s"]) * 1000 - saves * SAVE_MS
        plan.phases.after(0, len(part) - 1, ms, ms + 999, len(part))
    _tie_to_window(plan, part, part[-1].number - int(after.payload["events_in_queue"]))


def _tie_to_window(plan: BootPlan, part: list[SeenEvent], keeps: int) -> None:
    """A window that may have emptied the queue came behind its last event, before the next one."""
    config = plan.config
    place = keeps - part[0].number
    if not 0 < place < len(part) - 1 or part[place].number != keeps:
        return
    interval_s = config.upload_interval_s
    since_s = part[place].second - part[0].second - config.boot_upload_delay_s
    behind_s = config.boot_upload_delay_s + max(-(-since_s // interval_s), 0) * interval_s
    if part[0].second + behind_s > part[place + 1].second:
        return
    # In one moment the window comes before what an input causes.
    plan.phases.after(place, 0, 1 - behind_s * 1000, None, len(part) + 1)
    plan.phases.after(0, place + 1, behind_s * 1000, None, len(part) + 1)


def _saves(part: list[SeenEvent], after: SeenEvent) -> int | None:
    """How often the uptime was saved after the last event; None if power went off in between."""
    if part[0].kind != "reboot" or after.kind != "reboot":
        return 0
    rest_s = int(after.payload["previous_uptime_s"]) - (part[-1].second - part[0].second)
    saves = round(rest_s / 60)
    return saves if saves >= 0 and abs(rest_s - saves * 60) <= 1 else None


def _held_before(part: list[SeenEvent], config: BadgeConfig) -> dict[str, Any] | None:
    """What the badge held before its first boot that is known; None if it was new."""
    first = part[0]
    store = MemoryStore()
    number = max(first.number, 1)
    uptime_s, waiting = (int(first.payload[n]) for n in ("previous_uptime_s", "events_in_queue"))
    worker = part[1].payload.get("worker_id") if len(part) > 1 and _ended_by(part[1]) else None
    if number == 1 and not uptime_s and not waiting and worker is None:
        return None
    waiting = min(waiting, number - 1, config.queue_events_max)
    store.age_ms = uptime_s * 1000
    document = snapshot(store)
    unix_ms = first.second * 1000
    document["queue"] = [
        [before, "upload_heartbeat", {}, first.firmware, 0, unix_ms]
        for before in range(number - waiting, number)
    ]
    document["next_sequence"] = number
    document["floor"] = number - waiting - 1
    document["state"]["worker_id"] = worker
    return document


def _ended_by(one: SeenEvent) -> bool:
    return one.kind == "shift_end" and one.payload.get("end_reason") == "reboot"
