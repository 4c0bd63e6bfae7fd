"""What the platforms are to learn of a badge: gathered while it lives, given in order of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from heapq import merge
from typing import Any

from badge.effects import Notice, Upload
from badge.entry import Entry
from badge.inputs import Battery, Boot, Cellular, FirmwareOffer, Input
from sim.fleet.field.life import FieldLife
from sim.fleet.webhooks.hearing import Hearing
from sim.fleet.webhooks.phones import WorkerPhone
from sim.platforms.blecon.emitter import Position
from sim.platforms.blecon.positioning import PositionRule
from sim.platforms.kit.cause import Cause, Kind
from sim.scenario.plan.cells import cells_of
from sim.scenario.plan.certificates import certificate_at
from sim.scenario.plan.hotspots import stands_of
from sim.scenario.plan.roster import Roster

LOOK_MS = 10_000  # how often a nearly empty badge is asked whether it is off


class CauseContext:
    """What the badges of one process share: hotspots, cells, and the platforms' settings."""

    def __init__(self, roster: Roster) -> None:
        self.roster, self.platforms = roster, roster.source.scenario.platforms
        self.start_unix_ms = roster.site_plan.clock.start_unix_ms
        blecon, grouplink = self.platforms.blecon, self.platforms.grouplink
        self.stands = stands_of(roster.site_plan, blecon) if blecon else []
        self.phone: WorkerPhone | None = None
        if grouplink:
            cells = cells_of(roster.site_plan, grouplink)
            self.phone = WorkerPhone(roster.site_plan, grouplink, cells)


class BadgeCauses:
    """The causes of one badge: those that its world holds from the start, and those it makes."""

    def __init__(self, context: CauseContext, index: int, badge: FieldLife) -> None:
        self._context, self._index, self._badge = context, index, badge
        self._worker_id = context.roster.worker_id(index)
        self._counts: Counter[str] = Counter()
        self._fresh: list[Cause] = []
        self._places = 0
        self._offered = ("", "")
        self._looking = False
        self._sift = _Sift(context, badge.device_id)
        self._planned = iter(sorted(self._plan(), key=lambda one: one.utc_ms))
        self._next = next(self._planned, None)

    # What its world holds.

    def _plan(self) -> Iterator[Cause]:
        for ms, kind, facts in (*self._worn(), *self._heard(), *self._entered(), *self._gone()):
            yield self._cause(ms, kind, facts)

    def _cause(
        self,
        ms: int,
        kind: Kind,
        facts: dict[str, Any],
        number: int = 0,
        *,
        first: int | None = None,
        last: int | None = None,
        of: str | None = None,
    ) -> Cause:
        return Cause(
            self._context.start_unix_ms + ms,
            kind,
            self._badge.device_id,
            self._worker_id,
            number,
            facts,
            first,
            last,
            of,
            self._index,
        )

    def _worn(self) -> Iterator[tuple[int, Kind, dict[str, Any]]]:
        for day in self._badge.worn.days:
            yield day.start_ms, "arrived", {}
            yield day.end_ms, "left", {}

    def _heard(self) -> Iterator[tuple[int, Kind, dict[str, Any]]]:
        words = self._context.platforms.blecon
        if words is None:
            return
        site_plan = self._context.roster.site_plan
        hearing = Hearing(site_plan, self._context.stands, self._badge.worn)
        for one in hearing.sightings(words.spotted_every_s * 1000):
            place = {"hotspot": one.hotspot, "lat": one.lat, "lon": one.lon}
            yield one.ms, "heard", {**place, "rssi_dbm": one.rssi_dbm, "lasts": one.lasts}
        for offer in hearing.offers():
            place = {"hotspot": offer.hotspot, "lat": offer.lat, "lon": offer.lon}
            yield offer.ms, "placed", {**place, "moving": offer.moving}

    def _entered(self) -> Iterator[tuple[int, Kind, dict[str, Any]]]:
        roster, phone = self._context.roster, self._context.phone
        worker_id = roster.worker_id(self._index)
        if phone is None or worker_id is None:
            return
        for one in phone.entries(worker_id, salt_of(roster.parameters.seed), self._badge.worn.days):
            place = {"lat": one.lat, "lon": one.lon}
            yield one.ms, "entered", {"cell": one.cell, **place, "origin": one.origin}

    def _gone(self) -> Iterator[tuple[int, Kind, dict[str, Any]]]:
        roster, words = self._context.roster, self._context.platforms.blecon
        for one in words.deregistered if words else ():
            if roster.is_among(one, self._index):
                at_ms = 0 if one.at is None else roster.site_plan.clock.ms_of(one.at)
                yield max(at_ms, 0), "deregistered", {}

    # What it makes.

    def happened(self, ms: int, what: Input) -> None:
        """See an input; what comes of it is looked at right after."""
        clock = self._badge.clock
        if isinstance(what, Boot):
            number = self._badge.next_sequence
            clock.at(ms, partial(self._after_boot, what.reason, number))
        elif isinstance(what, FirmwareOffer):
            before = self._badge.running_version
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
        words = self._context.platforms.blecon
        wanted = words is not None and words.batches != "none"
        now_ms = self._badge.clock.now_ms
        facts = {
            "firmware": self._badge.runs,
            "certificate": certificate_at(self._context.roster, self._index, now_ms),
            "body": upload.body.decode() if wanted else None,
        }
        self._note("upload", facts, first=upload.first_sequence, last=upload.last_sequence)

    def _after_boot(self, reason: str, number: int) -> None:
        firmware = self._badge.runs
        of = None
        if reason == "firmware_update" and self._offered[0] == firmware:
            of, self._offered = self._offered[1], ("", "")
        logged = self._badge.next_sequence > number
        own = number if logged else None
        self._note("boot", {"reason": reason, "firmware": firmware}, first=own, last=own, of=of)

    def _after_offer(self, version: str, before: str) -> None:
        if version == self._badge.running_version != before:
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
        self,
        kind: Kind,
        facts: dict[str, Any],
        *,
        first: int | None = None,
        last: int | None = None,
        of: str | None = None,
    ) -> None:
        self._counts[kind] += 1
        now_ms, number = self._badge.clock.now_ms, self._counts[kind]
        cause = self._cause(now_ms, kind, facts, number, first=first, last=last, of=of)
        self._fresh.append(cause)

    # The two together.

    def until(self, utc_ms: int) -> list[Cause]:
        """Take all causes before a time, in order; what happens at it may not be known yet."""
        ready = [one for one in self._fresh if one.utc_ms < utc_ms]
        del self._fresh[: len(ready)]
        planned = []
        while self._next is not None and self._next.utc_ms < utc_ms:
            planned.append(self._next)
            self._next = next(self._planned, None)
        both = merge(ready, planned, key=lambda one: one.utc_ms)
        return [self._placed(one) for one in both if self._sift.lets(one)]

    def _placed(self, one: Cause) -> Cause:
        """Give it its place among the badge's causes, and its number if it was planned."""
        self._places += 1
        if one.number:
            return replace(one, place=self._places)
        self._counts[one.kind] += 1
        return replace(one, place=self._places, number=self._counts[one.kind])


class _Sift:
    """A badge that is off is not heard; of its positions those count that are news."""

    def __init__(self, context: CauseContext, device_id: str) -> None:
        self._device_id, self._on = device_id, False
        blecon = context.platforms.blecon
        if blecon is not None:
            movement_m, heartbeat_s = blecon.movement_m, blecon.heartbeat_s
            self._rule = PositionRule(movement_m=movement_m, heartbeat_s=heartbeat_s)

    def lets(self, one: Cause) -> bool:
        """Say whether it really happens."""
        if one.kind in ("boot", "off"):
            self._on = one.kind == "boot"
        if one.kind == "heard":
            return self._on
        if one.kind == "placed":
            return self._on and self._is_news(one)
        return True

    def _is_news(self, one: Cause) -> bool:
        facts = one.facts
        at = Position(facts["lat"], facts["lon"], 0.0, facts["moving"])
        return self._rule.reports(self._device_id, at, one.utc_ms)


def salt_of(seed: int) -> str:
    """Give the run's text for pseudonyms."""
    return f"run {seed}"
