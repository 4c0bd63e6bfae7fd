"""Times of day as a scenario writes them, on the site's own clock."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from badge.contract.patterns import told
from badge.errors import InputError
from badge.words import near

DAY_MS = 86_400_000
TIME_PATTERN = told(
    r"^(day [1-9][0-9]{0,2} |[0-9]{4}-[0-9]{2}-[0-9]{2} )?"
    r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$",
    'must be a time of the day in quotes, like "06:30" or "day 2 07:15"',
)
DATE_PATTERN = told(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "must be a date, like 2026-05-04")
OFFSET_PATTERN = told(r"^[+-](0[0-9]|1[0-4]):[0-5][0-9]$", "must be an offset, like +02:00")
START_PATTERN = told(
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
    "must be a moment in UTC, like 2026-03-14T06:30:00Z",
)
_TIME = re.compile(
    r"(?:day ([1-9][0-9]{0,2}) |([0-9]{4}-[0-9]{2}-[0-9]{2}) )?"
    r"([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?"
)
_START = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_YEARS = range(1980, 2100)


def is_dated(text: str) -> bool:
    """Say whether a time, or date, is that of a day of the calendar, whenever a run begins."""
    return text[4:5] == "-"


def real_date(text: str) -> str:
    """See that the date of a text is one of the calendar's, where it has one; ValueError."""
    if is_dated(text):
        try:
            date.fromisoformat(text[:10])
        except ValueError:
            raise ValueError(f"{text[:10]} is no date of the calendar") from None
        if int(text[:4]) not in _YEARS:
            raise ValueError(f"{text[:10]} is not between 1980 and 2099; correct the year")
    return text


def unix_ms_of(text: str, place: str) -> int:
    """Read `2026-03-14T06:30:00Z`; InputError names the place."""
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise InputError(
            f"{place}: {text!r} is no time; write it as 2026-03-14T06:30:00Z"
        ) from None
    if moment.year not in _YEARS:
        raise InputError(f"{place}: {text!r} is not between 1980 and 2099; correct the year")
    return int(moment.timestamp()) * 1000


def start_of(text: str, zone: tzinfo, place: str) -> str:
    """Give when a run begins in UTC, as `2026-07-06T04:00:00Z`; InputError names the place.

    `2026-07-06` is its midnight on the site's clock, `2026-07-06T06:30` a time of that clock; with
    Z or an offset it is a moment, which every clock of the world shows.
    """
    try:
        said = datetime.fromisoformat(text) if _START.fullmatch(text) else None
        moment = said and (said if said.tzinfo else said.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise InputError(
            f"{place}: {text!r} is no time; write it as 2026-03-14T06:30:00Z, or by the site's "
            "clock as 2026-03-14 or 2026-03-14T06:30"
        )
    if moment.year not in _YEARS:
        raise InputError(f"{place}: {text!r} is not between 1980 and 2099; correct the year")
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def offset_ms_of(text: str) -> int:
    """Read `+01:00`, which `OFFSET_PATTERN` has accepted."""
    hours, minutes = int(text[1:3]), int(text[4:6])
    ms = (hours * 60 + minutes) * 60_000
    return -ms if text[0] == "-" else ms


def zone_of(name: str) -> ZoneInfo:
    """Find `America/New_York` among the IANA's zones; InputError if there is none of that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # not found; a folder of zones; a path
        raise InputError(
            f"{name!r} is no IANA time zone; write it as America/New_York or Europe/Zagreb"
            f"{near(name, available_timezones())}"
        ) from None


class SiteClock:
    """The site's clock against the run's, whose 0 ms is the start of the run.

    Of an hour that is put back at night a time of day means the first; a time of day that is
    left out in spring is the moment an hour later on the clock, as PEP 495 has it.
    """

    def __init__(self, start_unix_ms: int, zone: int | tzinfo, *, dated: bool = False) -> None:
        """Take the zone, or ms to add to UTC; `dated` has `word` write dates for numbered days."""
        self.start_unix_ms = start_unix_ms
        if isinstance(zone, int):
            zone = timezone(timedelta(milliseconds=zone))
        self._zone, self._dated = zone, dated
        self._known: dict[tuple[str, int], int] = {}  # the few times that a scenario names
        self.first_date = self._local(0).date()

    def ms_of(self, text: str, day: int = 0) -> int:
        """Give the run's ms of `10:40` on the nth day (0 is the first).

        Or of `day 2 10:40`, or of `2026-05-04 10:40`.
        """
        ms = self._known.get((text, day))
        if ms is None:
            ms = self._known[text, day] = self._read(text, day)
        return ms

    def _read(self, text: str, day: int) -> int:
        found = _TIME.fullmatch(text)
        assert found is not None  # the types let no other text in
        named, dated, hours, minutes, seconds = found.groups()
        if dated is not None:
            on = date.fromisoformat(dated)
        else:
            on = self.date_of(day if named is None else int(named) - 1)
        return self._ms_at(on, time(int(hours), int(minutes), int(seconds or 0)))

    def date_of(self, day: int) -> date:
        """Give the date of the nth day of the run on the site; 0 is the first."""
        return self.first_date + timedelta(days=day)

    def day_of(self, ms: int) -> int:
        """Give which day of the run a moment is of, on the site's clock."""
        return (self._local(ms).date() - self.first_date).days

    def date_at(self, unix_ms: int) -> date:
        """Give the site's date of a moment, inside of the run or not."""
        return self._local(unix_ms - self.start_unix_ms).date()

    def midnight_ms(self, day: int) -> int:
        """Give when the nth day begins; the first one begins before the run does."""
        return self._ms_at(self.date_of(day), time())

    def word(self, ms: int) -> str:
        """Write a moment as `day 2 10:40:00`, the day left out on the first; or with its date."""
        local = self._local(ms)
        clock = f"{local:%H:%M:%S}"
        if self._dated:
            return f"{local.date()} {clock}"
        day = (local.date() - self.first_date).days
        return clock if day == 0 else f"day {day + 1} {clock}"

    def _local(self, ms: int) -> datetime:
        return datetime.fromtimestamp((self.start_unix_ms + ms) // 1000, self._zone)

    def _ms_at(self, on: date, at: time) -> int:
        moment = datetime.combine(on, at, self._zone)
        return int(moment.timestamp()) * 1000 - self.start_unix_ms
