"""Rain and temperature of each day: out of a CSV file, or drawn, each day alone, by its date."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from statistics import NormalDist

from badge.errors import InputError
from badge.host.documents import read_file
from sim.engine.streams import plain_stream
from sim.scenario.language.calendar import Weather

FILE_BYTES_MAX = 1 << 20
COLDEST_DAY = 20  # of the year: the middle of January, some four weeks after the solstice
YEAR_DAYS = 365.25
# Three days' own draws make one day's: neighbours are alike (0.67 of a day's deviation is that of
# the day before), and any day can be had alone.
MIX = (1.0, 1.0, 1.0)
_NORMAL = NormalDist()
_COLUMNS = ("date", "rain_mm", "temperature_c")
_LIMITS = {"rain_mm": (0.0, 2000.0), "temperature_c": (-90.0, 60.0)}


@dataclass(frozen=True, slots=True)
class DayWeather:
    """A day's rain in mm and its mean temperature in degrees Celsius, to a tenth."""

    rain_mm: float
    temperature_c: float


class DrawnWeather:
    """The weather of a climate, the same for a seed and a place; days are drawn by their date."""

    def __init__(self, words: Weather, run_seed: int, place: str) -> None:
        self._words, self._run_seed, self._place = words, run_seed, place

    def on(self, day: date) -> DayWeather:
        """Give the weather of a day."""
        words = self._words
        wet = _NORMAL.cdf(self._near_normal("rain", day))
        rain_mm = 0.0
        if wet < words.rain_share:
            # What is left of the draw says how much: exponential, as daily amounts nearly are.
            rain_mm = -words.rain_mm * math.log(1.0 - min(1.0 - wet / words.rain_share, 0.999))
        turn = 2.0 * math.pi * (day.timetuple().tm_yday - COLDEST_DAY) / YEAR_DAYS
        mean_c = (words.winter_c + words.summer_c) / 2.0
        mean_c -= (words.summer_c - words.winter_c) / 2.0 * math.cos(turn)
        own_c = words.spread_c * self._near_normal("temperature", day)
        return DayWeather(round(rain_mm, 1), round(mean_c + own_c, 1))

    def _near_normal(self, what: str, day: date) -> float:
        """Draw a standard normal that is like that of the days around it."""
        drawn = [
            weight
            * plain_stream(
                self._run_seed, "weather", self._place, what, day.toordinal() - ago
            ).gauss()
            for ago, weight in enumerate(MIX)
        ]
        return sum(drawn) / math.hypot(*MIX)


class RecordedWeather:
    """The weather of a CSV file; InputError names its line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._days = _read(path)

    def on(self, day: date) -> DayWeather:
        """Give the weather of a day; InputError if the file has none of it."""
        found = self._days.get(day)
        if found is None:
            first, last = min(self._days), max(self._days)
            raise InputError(f"{self._path}: no line for {day}; it goes from {first} to {last}")
        return found


def _read(path: Path) -> dict[date, DayWeather]:
    try:
        content = read_file(path, FILE_BYTES_MAX)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    try:
        text = content.decode("utf-8-sig")
        rows = csv.DictReader(StringIO(text), strict=True)
        missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise InputError(f"{path}: no column {missing[0]}; needed are {', '.join(_COLUMNS)}")
        found: dict[date, DayWeather] = {}
        for row in rows:
            day, weather = _day(row, f"{path} line {rows.line_num}")
            if day in found:
                raise InputError(f"{path} line {rows.line_num}: {day} is there twice; remove one")
            found[day] = weather
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8; save it as UTF-8") from None
    except csv.Error as error:
        raise InputError(f"{path} line {rows.line_num}: not CSV: {error}") from None
    if not found:
        raise InputError(f"{path}: no day in it")
    return found


def _day(row: dict[str, str], place: str) -> tuple[date, DayWeather]:
    try:
        day = date.fromisoformat((row["date"] or "").strip())
    except ValueError:
        raise InputError(f"{place}: {row['date']!r} is no date; write 2026-05-04") from None
    return day, DayWeather(*(_number(row[name], name, place) for name in _LIMITS))


def _number(text: str | None, name: str, place: str) -> float:
    low, high = _LIMITS[name]
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise InputError(f"{place}: {name} {text!r} is not {low:g} to {high:g}")
    return round(value, 1)
