"""What a scenario may say of weeks and months: working days, weather, people and badges."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from badge.contract.patterns import told
from sim.scenario.language.times import real_date
from sim.scenario.language.words import Date, Name, Share, Strict, Time

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _day_of_year(text: str) -> str:
    """See that some year has this day; ValueError."""
    try:
        real_date(f"{_LEAP_YEAR}-{text}")
    except ValueError:
        raise ValueError(f"{text} is no day of any year") from None
    return text


_LEAP_YEAR = 2028
MONTH_DAY_PATTERN = told(
    r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
    'must be month and day in quotes, like "03-16"',
)
COUNTRY_PATTERN = told(
    r"^[A-Z]{2}$", "must be the country's two capital letters of ISO 3166-1, like US or HR"
)
MonthDay = Annotated[
    str,
    Field(pattern=MONTH_DAY_PATTERN, examples=["03-16", "11-25"]),
    AfterValidator(_day_of_year),
]
InRain = Literal["works", "shed", "half_day", "home"]


class Holidays(Strict):
    """Public holidays of a country and of a region of it, as the `holidays` library has them."""

    country: Annotated[str, Field(pattern=COUNTRY_PATTERN, examples=["US", "HR"])]
    region: Annotated[str, Field(min_length=1, max_length=10)] | None = Field(
        default=None, description="Its code after the dash in ISO 3166-2, e.g. MA."
    )
    also: dict[Date, Name] = Field(default={}, description="Further days off, and why.")
    worked: list[Date] = Field(default=[], description="Holidays on which people work.")


class Season(Strict):
    """From which day of the year to which there is work; it may go over the new year."""

    begins: MonthDay
    ends: MonthDay


class Weather(Strict):
    """Weather by day: out of a CSV file, or drawn from the climate that the numbers describe."""

    file: str | None = Field(
        default=None, description="CSV with the columns date, rain_mm, temperature_c."
    )
    winter_c: Annotated[float, Field(ge=-60.0, le=50.0)] = Field(
        default=0.0, description="The mean of the coldest day of the year."
    )
    summer_c: Annotated[float, Field(ge=-60.0, le=50.0)] = Field(
        default=22.0, description="The mean of the warmest."
    )
    spread_c: Annotated[float, Field(ge=0.0, le=15.0)] = Field(
        default=4.0, description="How far days are from the season's mean (sd)."
    )
    rain_share: Share = Field(default=0.3, description="How many of the days are wet.")
    rain_mm: Annotated[float, Field(gt=0.0, le=500.0)] = Field(
        default=6.0, description="The mean of a wet day."
    )


class Contract(Strict):
    """A property that a crew looks after, every week or every so many weeks, on one weekday."""

    crew: Name
    weekday: Weekday
    every_weeks: Annotated[int, Field(ge=1, le=52)] = 1
    begins: Date | None = Field(
        default=None, description="The week of the first visit; that of the start unless said."
    )
    ends: Date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Contract:
        if self.begins is not None and self.ends is not None and self.ends < self.begins:
            raise ValueError("ends before it begins")
        return self


class Person(Strict):
    """A worker who comes later or goes earlier, and who wears the badge afterwards."""

    worker: Name
    joins: Date | None = None
    leaves: Date | None = Field(default=None, description="The last day.")
    badge_to: Name | None = Field(
        default=None, description="Somebody new, who wears the badge from the next day on."
    )

    @model_validator(mode="after")
    def _one_at_least(self) -> Person:
        if self.joins is None and self.leaves is None:
            raise ValueError("say when the worker joins or leaves")
        if self.badge_to is not None and self.leaves is None:
            raise ValueError("badge_to needs the day that the worker leaves")
        if self.joins is not None and self.leaves is not None and self.leaves < self.joins:
            raise ValueError("leaves before joining")
        return self


class Breakage(Strict):
    """A badge that breaks for good; a spare one may take its place."""

    badge: Annotated[int, Field(ge=1)]
    breaks: Time
    by: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="The spare badge that its worker wears from the next day on."
    )


class FlatTag(Strict):
    """A tag whose battery is empty from one time to another; to the end unless said."""

    equipment: Name
    flat: Time
    changed: Time | None = None


class Calendar(Strict):
    """Which days are worked, by whom, and what the weather and time do to badges and tags."""

    working_days: list[Weekday] = Field(default=["mon", "tue", "wed", "thu", "fri"])
    holidays: Holidays | None = None
    season: Season | None = None
    weather: Weather | None = None
    contracts: dict[Name, Contract] = Field(default={}, description="By parcel.")
    people: list[Person] = Field(default=[])
    badges: list[Breakage] = Field(default=[])
    tags: list[FlatTag] = Field(default=[])
