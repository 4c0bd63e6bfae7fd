"""Badges that live while they are looked at: their events, lanes and causes as they come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.view.model.events import EventRows, Fate
from sim.view.model.picture import Draft
from sim.view.model.plane import PicturePlane
from sim.view.model.retold import Retold, Telling
from sim.view.model.words import why_in_words
from sim.view.sources.opened import Settled

QUEUED = "queued"


def fate_of(told: Retold, number: int) -> Fate:
    """Say what became of an event as far as its badge's story knows."""
    causes = told.causes
    cause = causes.by_number.get(number)
    if cause is None:
        return Fate()
    accepted_ms = causes.accepted_ms.get(number)
    if accepted_ms is not None:
        return Fate("delivered", (accepted_ms - cause["ms"]) / 1000.0)
    notices = {notice["about"] for notice in cause.get("notices", ())}
    if "quarantined" in notices:
        return Fate("quarantined")
    return Fate("overflowed" if "overflow" in notices else QUEUED)


@dataclass(slots=True)
class LivedEvents:
    """The events of badges whose stories are told, each with its `details`; some still wait."""

    rows: EventRows = field(default_factory=lambda: EventRows(PicturePlane()))
    draft: Draft = field(init=False)
    _tellings: dict[str, Telling] = field(default_factory=dict)
    _events: list[tuple[str, Mapping[str, Any], int]] = field(default_factory=list)
    _waiting: dict[tuple[str, int], int] = field(default_factory=dict)  # event: where it lies

    def __post_init__(self) -> None:
        self.draft = Draft("", self.rows)

    def telling(self, device: str, offset_ms: float | None = None) -> Telling:
        """Give the story of a badge; the first call begins it."""
        if device not in self._tellings:
            place = self.rows.devices.place(device)
            lanes, names = self.draft.lanes, self.draft.tag_names
            self._tellings[device] = Telling(lanes, self.rows.tags, place, names, offset_ms)
            self.draft.traced.add(place)
        return self._tellings[device]

    def logged(self, device: str, event: Mapping[str, Any], ms: int) -> None:
        """Take an event whose step was told; `ms` is of the badge's clock."""
        told = self.telling(device).told
        number, at = int(event["sequence_number"]), len(self._events)
        cause = told.causes.by_number.get(number)
        # The clock of the story is finer than the event's, which has whole seconds.
        t_ms = told.t_ms(ms if cause is None else cause["ms"])
        fate = fate_of(told, number)
        self.rows.add(event, at, t_ms, fate, device)
        self._events.append((device, event, ms))
        if fate.word == QUEUED:
            self._waiting[device, number] = at

    def settled(self) -> list[Settled]:
        """Give the fates that were settled since."""
        found = []
        for (device, number), at in list(self._waiting.items()):
            fate = fate_of(self._tellings[device].told, number)
            if fate.word != QUEUED:
                del self._waiting[device, number]
                found.append(Settled(at, fate))
        return found

    def details(self, at: int) -> dict[str, Any]:
        """Give all there is about an event: itself, and why."""
        device, event, ms = self._events[at]
        told = self._tellings[device].told
        why = told.causes.by_number.get(event["sequence_number"])
        words = why_in_words(why, told.offset_ms)
        return {"event": event, "ms": ms, "why": why, "why_words": words}

    def retold(self, device: str) -> Retold | None:
        """Give what the story of a badge tells so far."""
        telling = self._tellings.get(device)
        return None if telling is None else telling.told

    def so_far(self) -> Draft:
        """Give what has been told: what still lasts is drawn up to now."""
        whole, draft = self.draft, Draft(self.draft.title, self.rows)
        draft.lanes = whole.lanes.copy()
        told = [telling.told for telling in self._tellings.values()]
        now_ms = max((one.t_ms(one.end_ms) for one in told), default=0.0)
        for telling in self._tellings.values():
            telling.draw_open(draft.lanes, now_ms)
            draft.rejected += telling.told.causes.rejected
        draft.marks, draft.notes = list(whole.marks), list(whole.notes)
        draft.traced, draft.tag_names = set(whole.traced), dict(whole.tag_names)
        draft.site, draft.facts, draft.has_utc = whole.site, dict(whole.facts), whole.has_utc
        return draft
