"""Public holidays of a country and a region, by date, out of the `holidays` library."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from importlib import import_module

from badge.errors import InputError
from sim.scenario.language.calendar import Holidays


def public_holidays(words: Holidays, years: Iterable[int]) -> dict[date, str]:
    """Give every day off and its name; InputError for a country or region that is not known."""
    holidays = import_module("holidays")  # names of all countries: only a calendar needs them

    known = holidays.list_supported_countries(include_aliases=False)
    if words.country not in known:
        raise InputError(
            f"{words.country!r} is no country whose holidays are known; write its two letters of "
            "ISO 3166-1, as in US, HR or DE"
        )
    regions = known[words.country]
    if words.region is not None and words.region not in regions:
        some = ", ".join(regions) or "none"
        raise InputError(f"{words.region!r} is no region of {words.country}; known are: {some}")
    # In English wherever the library has it, so that a plan reads the same on any machine.
    found = holidays.country_holidays(
        words.country, subdiv=words.region, years=list(years), language="en_US"
    )
    worked = set(words.worked)
    named = {day: name for day, name in found.items() if day.isoformat() not in worked}
    return named | {date.fromisoformat(day): name for day, name in words.also.items()}
