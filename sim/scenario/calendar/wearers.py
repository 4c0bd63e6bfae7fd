"""Who wears which badge from when to when: people come and go, badges break, spares step in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from sim.scenario.language.calendar import Calendar, Person

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tenure:
    """A worker of a crew who wears a badge from one date to another, both of them included."""

    crew: str
    worker: str
    first: date
    last: date


def tenures_of(
    words: Calendar, crew: str, worker: str, first_day: date, last_day: date
) -> list[Tenure]:
    """Give who wears the badge of a worker, in order: that worker, then who gets it."""
    known = {one.worker: one for one in words.people}
    found: list[Tenure] = []
    begins, who = first_day, worker
    while True:
        person = known.get(who, Person.model_construct(worker=who))
        first = max(begins, _date(person.joins, begins))
        last = min(last_day, _date(person.leaves, last_day))
        if first <= last:
            found.append(Tenure(crew, who, first, last))
        if person.badge_to is None or person.leaves is None:
            return found
        begins = max(begins, date.fromisoformat(person.leaves) + ONE_DAY)
        who = person.badge_to


def worn_until(tenures: list[Tenure], day: date) -> list[Tenure]:
    """Give what is left of the tenures of a badge that breaks on a day: that day is the last."""
    return [replace(one, last=min(one.last, day)) for one in tenures if one.first <= day]


def worn_after(tenures: list[Tenure], day: date) -> list[Tenure]:
    """Give the tenures of the badge that takes its place, from the next day on."""
    begins = day + ONE_DAY
    return [replace(one, first=max(one.first, begins)) for one in tenures if one.last >= begins]


def newcomers(words: Calendar) -> list[str]:
    """Name those who get somebody's badge."""
    return [one.badge_to for one in words.people if one.badge_to is not None]


def _date(text: str | None, other: date) -> date:
    return other if text is None else date.fromisoformat(text)
