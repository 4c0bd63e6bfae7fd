"""What the neighbours are to learn of a badge: noted while it lives, written in order of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from heapq import merge
from typing import Any

from badge.effects import Notice, Upload
from badge.entry import Entry
from badge.inputs import Battery, Boot, Cellular, FirmwareOffer, Input
from sim.fleet.field.badge import FieldBadge
from sim.fleet.webhooks.hearing import Hearing, stands_of
from sim.fleet.webhooks.phones import Phone, cells_of
from sim.platforms.blecon.emitter import Position
from sim.platforms.blecon.positioning import PositionRule
from sim.platforms.kit.simulation import Kind
from sim.scenario.plan.certificates import certificate_at
from sim.scenario.plan.roster import Roster

LOOK_MS = 10_000  # how often a nearly empty badge is asked whether it is off


@dataclass(frozen=True, slots=True)
class Noted:
    """A cause as it is kept in a file; `place` is its place among the badge's own."""

    ms: int
    index: int
    place: int
    kind: Kind
    number: int
    facts: dict[str, Any]
    first: int | None = None
    of: str | None = None


class Ground:
    """What the traces of one process share: hotspots, cells, and the neighbours' words."""

    def __init__(self, roster: Roster) -> None:
        self.roster, self.platforms = roster, roster.source.scenario.platforms
        blecon, grouplink = self.platforms.blecon, self.platforms.grouplink
        self.stands = stands_of(roster.site_plan, blecon) if blecon else []
        self.phone: Phone | None = None
        if grouplink:
            cells = cells_of(roster.site_plan, grouplink)
            self.phone = Phone(roster.site_plan, grouplink, cells)


class Trace:
    """The causes of one badge: those that its world holds from the start, and those it makes."""

    def __init__(self, ground: Ground, index: int, badge: FieldBadge) -> None:
        self._ground, self._index, self._badge = ground, index, badge
        self._counts: Counter[str] = Counter()
        self._fresh: list[Noted] = []
        self._places = 0
        self._offered = ("", "")
        self._looking = False
        self._sift = _Sift(ground, badge.device_id)
        self._planned = iter(sorted(self._plan(), key=lambda one: one.ms))
        self._next = next(self._planned, None)

    # What its world holds.

    def _plan(self) -> Iterator[Noted]:
        for ms, kind, facts in (*self._worn(), *self._heard(), *self._entered(), *self._gone()):
            yield Noted(ms, self._index, 0, kind, 0, facts)

    def _worn(self) -> Iterator[tuple[int, Kind, dict[str, Any]]]:
        for day in self._badge.worn.days:
            yield day.start_ms, "arrived", {}
            yield day.end_ms, "left", {}

    def _heard(self) -> Iterator[tuple[int, Kind, dict[str, Any]]]:
        words = self._ground.platforms.blecon
        if words is None:
            return
        site_plan = self._ground.roster.site_plan
        hearing = Hearing(site_plan, self._ground.stands, self._badge.worn)
        for one in hearing.sightings(words.spotted_every_s * 1000):
            place = {"hotspot": one.hotspot, "lat": one.lat, "lon": one.lon}
            yield one.ms, "heard", {**place, "rssi_dbm": one.rssi_dbm, "lasts": one.lasts}
        for offer in hearing.offers():
            place = {"hotspot": offer.hotspot, "lat": offer.lat, "lon": offer.lon}
            yield offer.ms, "placed", {**place, "moving": offer.moving}

    def _entered(self) -> Iterator[tuple[int, Kind, dict[str, Any]]]:
        roster, phone = self._ground.roster, self._ground.phone
        worker_id = roster.worker_id(self._index)
        if phone is None or worker_id is None:
            return
        for one in phone.entries(worker_id, salt_of(roster.parameters.seed), self._badge.worn.days):
            place = {"lat": one.lat, "lon": one.lon}
            yield one.ms, "entered", {"cell": one.cell, **place, "origin": one.origin}

    def _gone(self) -> Iterator[tuple[int, Kind, dict[str, Any]]]:
        roster, words = self._ground.roster, self._ground.platforms.blecon
        for one in words.deregistered if words else ():
            if roster.is_among(one, self._index):
                yield (
                    0 if one.at is None else roster.site_plan.clock.ms_of(one.at),
                    "deregistered",
                    {},
                )

    # What it makes.

    def happened(self, ms: int, what: Input) -> None:
        """See an input; what comes of it is looked at right after."""
        clock = self._badge.clock
        if isinstance(what, Boot):
            number = self._badge.store.queue.next_sequence
            clock.at(ms, partial(self._after_boot, what.reason, number))
        elif isinstance(what, FirmwareOffer):
            before = self._badge.store.state.running_version
            clock.at(ms, partial(self._after_offer, what.version, before))
        elif isinstance(what, Cellular):
            self._note("link", {"up": what.connected})
        elif isinstance(what, Battery) and what.pct <= self._badge.config.shutdown_pct:
            self._look_for_off()

    def logged(self, ms: int, entry: Entry) -> None:
        """The events themselves are the other feed."""

    def noticed(self, ms: int, notice: Notice) -> None:
        """Notices follow from the inputs."""

    def uploaded(self, upload: Upload) -> None:
        """A batch has reached the cloud."""
        words = self._ground.platforms.blecon
        wanted = words is not None and words.batches != "none"
        now_ms = self._badge.clock.now_ms
        facts = {
            "firmware": self._badge.badge.firmware_version,
            "certificate": certificate_at(self._ground.roster, self._index, now_ms),
            "last": upload.last_sequence,
            "body": upload.body.decode() if wanted else None,
        }
        self._note("upload", facts, upload.first_sequence)

    def _after_boot(self, reason: str, number: int) -> None:
        firmware = self._badge.badge.firmware_version
        of = None
        if reason == "firmware_update" and self._offered[0] == firmware:
            of, self._offered = self._offered[1], ("", "")
        logged = self._badge.store.queue.next_sequence > number
        facts = {"reason": reason, "firmware": firmware, "last": number if logged else None}
        self._note("boot", facts, number if logged else None, of)

    def _after_offer(self, version: str, before: str) -> None:
        if version == self._badge.store.state.running_version != before:
            self._note("offer", {"version": version, "before": before})
            self._offered = version, f"{self._badge.device_id}/offer/{self._counts['offer']}"

    def _look_for_off(self) -> None:
        if not self._looking:
            self._looking = True
            self._badge.clock.after(LOOK_MS, self._look_again)

    def _look_again(self) -> None:
        self._looking = False
        if self._badge.power.off:
            self._note("off", {})
        elif self._badge.power.reading()[0] <= self._badge.config.shutdown_pct:
            self._look_for_off()

    def _note(
        self, kind: Kind, facts: dict[str, Any], first: int | None = None, of: str | None = None
    ) -> None:
        self._counts[kind] += 1
        now_ms, number = self._badge.clock.now_ms, self._counts[kind]
        self._fresh.append(Noted(now_ms, self._index, 0, kind, number, facts, first, of))

    # The two together.

    def until(self, ms: int) -> list[Noted]:
        """Take all causes before a time, in order; what happens at it may not be known yet."""
        ready = [one for one in self._fresh if one.ms < ms]
        del self._fresh[: len(ready)]
        planned = []
        while self._next is not None and self._next.ms < ms:
            planned.append(self._next)
            self._next = next(self._planned, None)
        both = merge(ready, planned, key=lambda one: one.ms)
        return [self._placed(one) for one in both if self._sift.lets(one)]

    def _placed(self, one: Noted) -> Noted:
        """Give it its place among the badge's causes, and its number if it was planned."""
        self._places += 1
        number = one.number
        if not number:
            self._counts[one.kind] += 1
            number = self._counts[one.kind]
        return Noted(
            one.ms, one.index, self._places, one.kind, number, one.facts, one.first, one.of
        )


class _Sift:
    """A badge that is off is not heard; of its positions those count that are news."""

    def __init__(self, ground: Ground, device_id: str) -> None:
        self._device_id, self._on = device_id, False
        self._utc_ms = ground.roster.site_plan.clock.start_unix_ms
        blecon = ground.platforms.blecon
        if blecon is not None:
            movement_m, heartbeat_s = blecon.movement_m, blecon.heartbeat_s
            self._rule = PositionRule(movement_m=movement_m, heartbeat_s=heartbeat_s)

    def lets(self, one: Noted) -> bool:
        """Say whether it really happens."""
        if one.kind in ("boot", "off"):
            self._on = one.kind == "boot"
        if one.kind == "heard":
            return self._on
        if one.kind == "placed":
            return self._on and self._is_news(one)
        return True

    def _is_news(self, one: Noted) -> bool:
        facts = one.facts
        at = Position(facts["lat"], facts["lon"], 0.0, facts["moving"])
        return self._rule.reports(self._device_id, at, self._utc_ms + one.ms)


def salt_of(seed: int) -> str:
    """Give the run's text for pseudonyms."""
    return f"run {seed}"
