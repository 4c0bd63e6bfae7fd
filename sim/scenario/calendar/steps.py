"""The steps of a crew's day as that day is: whole, half, in the shelter, or sent home."""

from __future__ import annotations

from collections.abc import Sequence

from sim.scenario.calendar.crew_days import CrewDay
from sim.scenario.language.model import Crew, Step

HOME_AFTER_S = 1800  # sent home: half an hour of waiting for better weather
Numbered = tuple[int, Step]


def steps_on(crew: Crew, day: CrewDay) -> list[Numbered]:
    """Give the steps of a day, each with its number in the scenario; none on a day off."""
    steps = list(enumerate(crew.day))
    if day.kind == "off":
        return []
    if day.kind == "shed":
        return _stay(crew, steps, _last_s(crew.day))
    if day.kind == "home":
        return _stay(crew, steps, _of_day_s(_arrival(crew)) + HOME_AFTER_S)
    if day.kind == "half_day":
        return _half(steps, half_s(crew))
    return steps


def half_s(crew: Crew) -> int:
    """Give when half of a day is over, in seconds of the day: midway to its last end."""
    return (_of_day_s(_arrival(crew)) + _last_s(crew.day)) // 2


def span_s(crew: Crew, day: CrewDay) -> int:
    """Give how long a badge is worn on a day, from arriving to the last end; 0 on a day off."""
    steps = [step for _, step in steps_on(crew, day)]
    return _last_s(steps) - _of_day_s(_arrival(crew)) if steps else 0


def clock_word(of_day_s: int) -> str:
    """Write seconds of the day as a scenario writes a time."""
    return f"{of_day_s // 3600:02d}:{of_day_s // 60 % 60:02d}:{of_day_s % 60:02d}"


def _stay(crew: Crew, steps: list[Numbered], until_s: int) -> list[Numbered]:
    (_, arrive), *_, (last, leave) = steps
    stand = Step(stand=crew.shelter, until=clock_word(until_s))
    return [(0, arrive), (last, stand), (last, leave)]


def _half(steps: list[Numbered], cut_s: int) -> list[Numbered]:
    """Keep what is before the cut, and then what leads home: the steps after the last end."""
    lasting = [number for number, step in steps if step.until is not None]
    if not lasting:
        return steps
    kept: list[Numbered] = []
    for number, step in steps[: lasting[-1] + 1]:
        if step.until is not None and _of_day_s(step.until) >= cut_s:
            kept.append((number, step.model_copy(update={"until": clock_word(cut_s)})))
            break
        kept.append((number, step))
    return [*kept, *steps[lasting[-1] + 1 :]]


def _arrival(crew: Crew) -> str:
    at = crew.day[0].at
    assert at is not None  # a crew's day begins with arrive, which has its time
    return at


def _last_s(steps: Sequence[Step]) -> int:
    ends = [_of_day_s(step.until) for step in steps if step.until is not None]
    at = steps[0].at
    assert at is not None
    return max(ends, default=_of_day_s(at))


def _of_day_s(text: str) -> int:
    hours, minutes, *seconds = text.rpartition(" ")[2].split(":")
    return int(hours) * 3600 + int(minutes) * 60 + sum(map(int, seconds))
