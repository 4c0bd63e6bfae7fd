"""Pairs of times of the platforms, of which the second must not be before the first."""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.language.platforms import Hotspot
from sim.scenario.language.read import ScenarioFile
from sim.scenario.language.times import SiteClock

_Path = tuple[str | int, ...]
_Pair = tuple[str | None, str | None, str, _Path]  # the two times, what is wrong, where


def check_spans(source: ScenarioFile, clock: SiteClock) -> None:
    """See that nothing ends before it begins; InputError with the place and both times."""
    for first, last, what, path in _pairs(source):
        if first is not None and last is not None and clock.ms_of(last) < clock.ms_of(first):
            told = what.format(first=first, last=last)
            raise source.wrong(f"{told}; swap them, or name the day: day 2 07:15", *path)


def _pairs(source: ScenarioFile) -> Iterator[_Pair]:
    platforms = source.scenario.platforms
    blecon, peridio = platforms.blecon, platforms.peridio
    for name, hotspot in (blecon.hotspots if blecon else {}).items():
        yield from _of_hotspot(hotspot, ("platforms", "blecon", "hotspots", name))
    for number, one in enumerate(peridio.certificates if peridio else ()):
        what = "the certificate is bad until {last}, before it becomes so at {first}"
        yield one.at, one.ends, what, ("platforms", "peridio", "certificates", number)


def _of_hotspot(hotspot: Hotspot, path: _Path) -> Iterator[_Pair]:
    installed, removed = hotspot.installed, hotspot.removed
    what = "it is removed at {last}, before it is installed at {first}"
    yield installed, removed, what, (*path, "removed")
    if hotspot.moved is not None:
        moved = hotspot.moved.at
        what = "it is moved at {last}, before it is installed at {first}"
        yield installed, moved, what, (*path, "moved")
        what = "it is removed at {last}, before it is moved at {first}"
        yield moved, removed, what, (*path, "removed")
    for number, outage in enumerate(hotspot.outages):
        what = "the outage ends at {last}, before it begins at {first}"
        yield outage.begins, outage.ends, what, (*path, "outages", number)
