"""Times of day as a scenario writes them, on the site's own clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from badge.errors import InputError

DAY_MS = 86_400_000
TIME_PATTERN = r"^(day [1-9][0-9]? )?([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"
OFFSET_PATTERN = r"^[+-](0[0-9]|1[0-4]):[0-5][0-9]$"
START_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"
_TIME = re.compile(r"(?:day ([1-9][0-9]?) )?([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
_YEARS = range(1980, 2100)


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


def offset_ms_of(text: str) -> int:
    """Read `+01:00`, which `OFFSET_PATTERN` has accepted."""
    hours, minutes = int(text[1:3]), int(text[4:6])
    ms = (hours * 60 + minutes) * 60_000
    return -ms if text[0] == "-" else ms


class SiteClock:
    """The site's clock against the run's, whose 0 ms is the start of the run."""

    def __init__(self, start_unix_ms: int, offset_ms: int) -> None:
        self.start_unix_ms = start_unix_ms
        self._into_day_ms = (start_unix_ms + offset_ms) % DAY_MS

    def ms_of(self, text: str, day: int = 0) -> int:
        """Give the run's ms of `10:40` on the nth day (0 is the first), or of `day 2 10:40`."""
        found = _TIME.fullmatch(text)
        assert found is not None  # the types let no other text in
        named, hours, minutes, seconds = found.groups()
        days = day if named is None else int(named) - 1
        of_day_s = int(hours) * 3600 + int(minutes) * 60 + int(seconds or 0)
        return days * DAY_MS + of_day_s * 1000 - self._into_day_ms

    def word(self, ms: int) -> str:
        """Write a moment of the run as `day 2 10:40:00`, the day left out on the first."""
        since_midnight = timedelta(milliseconds=ms + self._into_day_ms)
        rest_s = since_midnight.seconds
        clock = f"{rest_s // 3600:02d}:{rest_s // 60 % 60:02d}:{rest_s % 60:02d}"
        return clock if since_midnight.days == 0 else f"day {since_midnight.days + 1} {clock}"
