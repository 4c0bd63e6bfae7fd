"""Scan cycles that explain which tags came and went: the fewest results that do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from badge.config import BadgeConfig
from sim.reconstruct.phases import Phases
from sim.reconstruct.seen import SeenEvent

WEAKEST_DBM = -127
Heard = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class _Turn:
    """A tag that came or went: in which cycle, and which event says so."""

    cycle: int
    place: int
    mac: str
    near: bool
    dbm: int


@dataclass(slots=True)
class ScanPlan:
    """The cycles of one shift, counted from its beginning."""

    start: int
    config: BadgeConfig
    phases: Phases
    _turns: list[_Turn] = field(default_factory=list)
    _near: dict[str, int] = field(default_factory=dict)

    def add(self, place: int, one: SeenEvent, phases: Phases) -> None:
        """Take in an event of a tag."""
        period_s = self.config.ble_scan_period_s
        mac, near = one.payload["tag_mac"], one.kind == "ble_proximity"
        cycle = max((one.second - phases.low[self.start] // 1000) // period_s, 0)
        begin_ms = cycle * period_s * 1000
        phases.after(self.start, place, begin_ms, begin_ms + period_s * 1000 - 1, place)
        before = self._turns[-1] if self._turns else None
        if before is not None and before.cycle == cycle:
            phases.after(before.place, place, 0, 0, place)  # one cycle has one result
        if near:
            self._near[mac] = place
        elif mac in self._near:
            ms = one.payload["duration_s"] * 1000
            phases.after(self._near.pop(mac), place, ms, ms + 999, place)
        dbm = one.payload["rssi" if near else "last_rssi"]
        self._turns.append(_Turn(cycle, place, mac, near, dbm))

    def results(self, moments: Sequence[int]) -> Iterator[tuple[int, Heard, int | None]]:
        """Yield (ms, what is heard, the event that it explains) of every result."""
        told = {turn.cycle: turn.place for turn in reversed(self._turns)}
        cycles = self._needed()
        order = self._order()
        period_ms = self.config.ble_scan_period_s * 1000
        for number, cycle in enumerate(sorted(cycles)):
            heard = [(mac, self._dbm(mac, cycle)) for mac in order]
            if number == 0 and len(told) < len(self._turns):
                # Trackers are asked in the order in which tags were first heard.
                heard = [(mac, WEAKEST_DBM if dbm is None else dbm) for mac, dbm in heard]
            place = told.get(cycle)
            ms = moments[self.start] + cycle * period_ms if place is None else moments[place]
            yield ms, tuple((mac, dbm) for mac, dbm in heard if dbm is not None), place

    def _needed(self) -> set[int]:
        hits, misses = self._counts()
        cycles: set[int] = set()
        for turn in self._turns:
            length = hits if turn.near else misses
            cycles |= set(range(turn.cycle - length + 1, turn.cycle + 1))
            if not turn.near and self._is_hit(turn.dbm):
                # Its last RSSI was that of a hit: one between coming and going.
                came = self._before(turn)
                if came is not None and turn.dbm != came.dbm and turn.cycle - misses > came.cycle:
                    cycles.add(turn.cycle - misses)
        return {cycle for cycle in cycles if cycle >= 0}

    def _counts(self) -> tuple[int, int]:
        config = self.config
        return config.ble_detection_count_threshold, config.ble_lost_count_threshold

    def _is_hit(self, dbm: int) -> bool:
        return dbm >= self.config.ble_rssi_threshold

    def _before(self, turn: _Turn) -> _Turn | None:
        earlier = [one for one in self._turns if one.mac == turn.mac and one.place < turn.place]
        return earlier[-1] if earlier else None

    def _dbm(self, mac: str, cycle: int) -> int | None:
        """Give how a tag is heard in a cycle; None if it is not."""
        hits, misses = self._counts()
        mine = [turn for turn in self._turns if turn.mac == mac]
        ahead = next((turn for turn in mine if turn.cycle >= cycle), None)
        behind = next((turn for turn in reversed(mine) if turn.cycle < cycle), None)
        if ahead is not None and ahead.near:
            return ahead.dbm if cycle > ahead.cycle - hits else None
        if ahead is not None and cycle > ahead.cycle - misses:
            return None if self._is_hit(ahead.dbm) else ahead.dbm
        if ahead is not None:
            came = behind or ahead
            return ahead.dbm if self._is_hit(ahead.dbm) else came.dbm
        return behind.dbm if behind is not None and behind.near else None

    def _order(self) -> list[str]:
        """Order the tags so that those of one cycle are told in the order of their events."""
        after: dict[str, set[str]] = {turn.mac: set() for turn in self._turns}
        for first, then in zip(self._turns, self._turns[1:], strict=False):
            if first.cycle == then.cycle and first.mac != then.mac:
                after[then.mac].add(first.mac)
        try:
            return list(TopologicalSorter(after).static_order())
        except CycleError:
            return list(after)
