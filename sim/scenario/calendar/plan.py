"""The calendar of a scenario against the days of a run: everything that differs by day."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from badge.errors import InputError
from sim.scenario.calendar.crew_days import CrewDay, crew_days
from sim.scenario.calendar.public_holidays import public_holidays
from sim.scenario.calendar.weather import DayWeather, DrawnWeather, RecordedWeather
from sim.scenario.language.calendar import Calendar
from sim.scenario.language.read import ScenarioFile
from sim.scenario.language.times import SiteClock


class CalendarPlan:
    """Answers for every day of a run, by its number; 0 is the first one on the site's clock."""

    def __init__(
        self, source: ScenarioFile, words: Calendar, clock: SiteClock, run_seed: int, end_ms: int
    ) -> None:
        self.words, self.clock = words, clock
        self._source, self._run_seed = source, run_seed
        count = clock.day_of(max(end_ms - 1, 0)) + 1
        self.dates = [clock.date_of(number) for number in range(count)]

    def __len__(self) -> int:
        return len(self.dates)

    @cached_property
    def holidays(self) -> dict[date, str]:
        """Every public holiday of the years of the run, by its date."""
        words = self.words.holidays
        if words is None:
            return {}
        years = range(self.dates[0].year, self.dates[-1].year + 1)
        try:
            return public_holidays(words, years)
        except InputError as error:
            raise self._source.wrong(str(error), "calendar", "holidays") from None

    @cached_property
    def weather(self) -> list[DayWeather | None]:
        """The weather of each day; None where the scenario says nothing of it."""
        words = self.words.weather
        if words is None:
            return [None] * len(self.dates)
        name = self._source.scenario.scenario
        try:
            sky = (
                DrawnWeather(words, self._run_seed, name)
                if words.file is None
                else RecordedWeather(self._source.folder / words.file)
            )
            return [sky.on(day) for day in self.dates]
        except InputError as error:
            raise self._source.wrong(str(error), "calendar", "weather") from None

    @cached_property
    def crews(self) -> dict[str, list[CrewDay]]:
        """Each crew's days."""
        return {
            name: list(crew_days(name, crew, self.words, self.dates, self.holidays, self.weather))
            for name, crew in self._source.scenario.crews.items()
        }

    def temperature_c_at(self, ms: int) -> float | None:
        """Give the day's mean temperature at a moment; None where no weather is known."""
        number = min(max(self.clock.day_of(ms), 0), len(self.dates) - 1)
        sky = self.weather[number]
        return None if sky is None else sky.temperature_c
