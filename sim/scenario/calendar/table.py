"""The plan of the days as a person reads it: a line a month and crew, and what happens when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sim.scenario.calendar.crew_days import CrewDay
from sim.scenario.calendar.plan import CalendarPlan

SIGNS = {"works": "W", "half_day": "h", "shed": "s", "home": "x", "off": "."}
HOLIDAY, NO_SEASON, OUTSIDE = "H", "-", " "
LEGEND = (
    "W works, h half a day (rain), s in the shelter (rain), x sent home (rain), H holiday, "
    ". off, - out of season"
)
RULER = "1...5....10...15...20...25...30"


def month_lines(plan: CalendarPlan) -> Iterator[str]:
    """Give a line for every month and crew: its days as signs, and how many are worked."""
    width = max(map(len, plan.crews), default=0)
    yield f"{'':7}  {'':{min(width, 20)}}  {RULER}"
    numbered = list(enumerate(plan.dates))
    for month, days in groupby(numbered, key=lambda one: f"{one[1]:%Y-%m}"):
        numbers = [number for number, _ in days]
        for name, crew_days in plan.crews.items():
            signs = [OUTSIDE] * 31
            for number in numbers:
                signs[plan.dates[number].day - 1] = sign(plan, number, crew_days[number])
            worked = sum(crew_days[number].kind != "off" for number in numbers)
            yield f"{month}  {name[:20]:{min(width, 20)}}  {''.join(signs)}  {worked:2}"


def sign(plan: CalendarPlan, number: int, day: CrewDay) -> str:
    """Give the one letter of a crew's day."""
    if day.kind != "off":
        return SIGNS[day.kind]
    if day.why == "out of season":
        return NO_SEASON
    return HOLIDAY if day.why == plan.holidays.get(plan.dates[number]) else SIGNS["off"]


def happenings(plan: CalendarPlan) -> list[tuple[str, str]]:
    """List by date what changes: holidays that cost a day, people, badges, tags."""
    words = plan.words
    found = []
    for number, day in enumerate(plan.dates):
        crews = [c for c, days in plan.crews.items() if sign(plan, number, days[number]) == HOLIDAY]
        if crews:
            who = "" if len(crews) == len(plan.crews) else f" ({', '.join(crews)})"
            found.append((day.isoformat(), f"{plan.holidays[day]}{who}"))
    for person in words.people:
        if person.joins is not None:
            found.append((person.joins, f"{person.worker} joins"))
        if person.leaves is not None:
            to = "" if person.badge_to is None else f"; {person.badge_to} gets the badge"
            found.append((person.leaves, f"{person.worker}'s last day{to}"))
    for one in words.badges:
        by = "" if one.by is None else f"; {one.by} takes its place"
        found.append((one.breaks, f"badge {one.badge} breaks{by}"))
    for tag in words.tags:
        until = "" if tag.changed is None else f" until {tag.changed}"
        found.append((tag.flat, f"the tag of {tag.equipment} is flat{until}"))
    return sorted(found)


def totals(plan: CalendarPlan) -> dict[str, dict[str, int]]:
    """Count the days of each crew by their kind."""
    return {
        name: dict(sorted(Counter(day.kind for day in days).items()))
        for name, days in plan.crews.items()
    }


def document(plan: CalendarPlan) -> dict[str, Any]:
    """Give the whole plan as JSON has it: every day with its weather, and each crew's part."""
    days = []
    for number, day in enumerate(plan.dates):
        sky = plan.weather[number]
        one: dict[str, Any] = {"date": day.isoformat(), "weekday": f"{day:%a}".lower()}
        if sky is not None:
            one |= {"rain_mm": sky.rain_mm, "temperature_c": sky.temperature_c}
        one["crews"] = {
            name: {"kind": made.kind, "why": made.why, "contracts": list(made.contracts)}
            for name, made in ((name, days[number]) for name, days in plan.crews.items())
        }
        days.append(one)
    happen = [{"at": at, "what": what} for at, what in happenings(plan)]
    return {"days": days, "totals": totals(plan), "happenings": happen}
