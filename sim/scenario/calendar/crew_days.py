"""What each crew does on each day of the run: the whole day, half of it, or none, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

from sim.scenario.calendar.weather import DayWeather
from sim.scenario.language.calendar import WEEKDAYS, Calendar, Contract, Season, Weekday
from sim.scenario.language.model import Crew

Kind: TypeAlias = Literal["works", "half_day", "shed", "home", "off"]
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class CrewDay:
    """A crew's day; `why` is empty on a plain working day.  `contracts` are parcels, in order."""

    kind: Kind
    why: str = ""
    contracts: tuple[str, ...] = ()


def crew_days(
    name: str,
    crew: Crew,
    words: Calendar,
    days: Sequence[date],
    holidays: Mapping[date, str],
    weather: Sequence[DayWeather | None],
) -> Iterator[CrewDay]:
    """Give a crew's days in order; `weather` is that of each of them.

    A property that was due on a day without work is due on the next day that has some.
    """
    contracts = {parcel: one for parcel, one in words.contracts.items() if one.crew == name}
    open_ones: dict[str, None] = {}
    for day, sky in zip(days, weather, strict=True):
        due = [parcel for parcel, one in contracts.items() if is_due(one, day, days[0])]
        open_ones |= dict.fromkeys(due)
        made = _day(crew, words, day, holidays, sky)
        served: list[str] = []
        if made.kind in ("works", "half_day"):
            waiting = [parcel for parcel in contracts if parcel in open_ones]
            half = made.kind == "half_day"
            served = waiting[: (len(waiting) + 1) // 2] if half else waiting
        for parcel in served:
            del open_ones[parcel]
        yield CrewDay(made.kind, made.why, tuple(served))


def is_due(contract: Contract, day: date, first_day: date) -> bool:
    """Say whether a visit is agreed for a day; weeks are counted from the first one's Monday."""
    begins = first_day if contract.begins is None else date.fromisoformat(contract.begins)
    ended = contract.ends is not None and day > date.fromisoformat(contract.ends)
    if day < begins or ended or weekday_of(day) != contract.weekday:
        return False
    weeks = (_monday(day) - _monday(begins)) // WEEK
    return weeks % contract.every_weeks == 0


def weekday_of(day: date) -> Weekday:
    """Name the day of the week."""
    return WEEKDAYS[day.weekday()]


def in_season(season: Season | None, day: date) -> bool:
    """Say whether there is work at that time of the year; a season may go over the new year."""
    if season is None:
        return True
    today = f"{day:%m-%d}"
    if season.begins <= season.ends:
        return season.begins <= today <= season.ends
    return today >= season.begins or today <= season.ends


def _day(
    crew: Crew, words: Calendar, day: date, holidays: Mapping[date, str], sky: DayWeather | None
) -> CrewDay:
    working_days = words.working_days if crew.works is None else crew.works
    if not in_season(words.season, day):
        return CrewDay("off", "out of season")
    if weekday_of(day) not in working_days:
        return CrewDay("off", f"{day:%A}")
    if day in holidays:
        return CrewDay("off", holidays[day])
    if day.isoformat() in crew.days_off:
        return CrewDay("off", "the crew's own day off")
    if sky is not None and sky.rain_mm >= crew.rain_from_mm and crew.in_rain != "works":
        return CrewDay(crew.in_rain, f"{sky.rain_mm:g} mm of rain")
    return CrewDay("works")


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
