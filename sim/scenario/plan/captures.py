"""Real captures of a site, heard again by badges: on the run's clock, only what is equipment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from badge.errors import InputError
from sim.scenario.language.model import Capture
from sim.scenario.plan.site import SitePlan
from sim.sources.adverts import AdvertLog
from sim.sources.open import read_adverts
from sim.world.radio import UNHEARD_DBM

TAGS_MAX = 1000  # a badge's configuration lists no more


@dataclass(frozen=True, slots=True)
class Replayed:
    """A capture whose times are ms of the run, and the words that say who hears it."""

    words: Capture
    log: AdvertLog

    def columns(self, start_ms: int, period_ms: int, cycles: int) -> dict[str, list[int]]:
        """Give the strongest sample of every tag in each cycle; empty where nothing was heard."""
        found: dict[str, list[int]] = {}
        for one in self.log.between(start_ms, start_ms + cycles * period_ms):
            column = found.setdefault(one.mac, [UNHEARD_DBM] * cycles)
            cycle = (one.utc_ms - start_ms) // period_ms
            column[cycle] = max(column[cycle], one.rssi_dbm)
        return found


def read_captures(site_plan: SitePlan) -> tuple[Replayed, ...]:
    """Read all captures of a scenario; InputError with line and column."""
    spoken = site_plan.source.scenario.site.captures
    made = tuple(_read(site_plan, number, one) for number, one in enumerate(spoken))
    count = len(macs_of(made))
    if count > TAGS_MAX:
        what = f"{count} radios are heard and a badge knows {TAGS_MAX} at most; say which with tags"
        raise site_plan.source.wrong(what, "site", "captures")
    return made


def macs_of(captures: Sequence[Replayed]) -> list[str]:
    """List every tag that is heard, once."""
    return list(dict.fromkeys(mac for one in captures for mac in one.log.macs))


def _read(site_plan: SitePlan, number: int, words: Capture) -> Replayed:
    path = ("site", "captures", number)
    site_plan.check_begun(words.at, *path, "at")
    try:
        log = read_adverts(site_plan.source.folder / words.file)
    except InputError as error:
        raise site_plan.source.wrong(str(error), *path, "file") from None
    missing = sorted(set(words.tags or []) - set(log.macs))
    if missing:
        raise site_plan.source.wrong(f"{missing[0]} is not in {words.file}", *path, "tags")
    shifted = log.shifted(site_plan.clock.ms_of(words.at))
    if words.tags is not None:
        heard = tuple(one for one in shifted.sightings if one.mac in words.tags)
        shifted = AdvertLog(heard)
    return Replayed(words, shifted)
