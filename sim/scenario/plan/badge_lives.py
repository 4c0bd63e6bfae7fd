"""From when to when each badge lives, and who wears it then: spares step in for what breaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sim.scenario.calendar.plan import CalendarPlan
from sim.scenario.calendar.wearers import Tenure, tenures_of, worn_after, worn_until
from sim.scenario.language.read import ScenarioFile
from sim.scenario.language.times import SiteClock
from sim.scenario.plan.slots import Slot

FOREVER_MS = 1 << 60


@dataclass(slots=True)
class BadgeLife:
    """A badge is switched on at `begins_ms` and answers nothing from `ends_ms` on, in the run's ms.

    `tenures` are who wears it by date; empty where the scenario has no calendar.
    """

    begins_ms: int = 0
    ends_ms: int = FOREVER_MS
    tenures: list[Tenure] = field(default_factory=list)


def badge_lives(
    source: ScenarioFile,
    slots: Sequence[Slot],
    clock: SiteClock,
    calendar: CalendarPlan | None,
) -> list[BadgeLife]:
    """Give the life of every badge that the scenario lists; InputError for a spare that is none."""
    lives = [BadgeLife(_since_ms(source, slot, clock)) for slot in slots]
    if calendar is None:
        return lives
    first, last = calendar.dates[0], calendar.dates[-1]
    for life, slot in zip(lives, slots, strict=True):
        if slot.crew is not None and slot.worker is not None:
            life.tenures = tenures_of(calendar.words, slot.crew, slot.worker, first, last)
    broken = sorted(enumerate(calendar.words.badges), key=lambda one: clock.ms_of(one[1].breaks))
    for number, words in broken:
        path = ("calendar", "badges", number)
        life, breaks_ms = lives[words.badge - 1], clock.ms_of(words.breaks)
        if life.ends_ms < FOREVER_MS:
            raise source.wrong(f"badge {words.badge} breaks twice", *path)
        day = clock.date_of(clock.day_of(breaks_ms))
        life.ends_ms = max(breaks_ms, life.begins_ms)
        worn, life.tenures = life.tenures, worn_until(life.tenures, day)
        if words.by is None:
            continue
        spare = lives[words.by - 1]
        if spare.tenures or spare.ends_ms < FOREVER_MS:
            why = "is worn by somebody" if spare.tenures else "is broken itself"
            raise source.wrong(f"badge {words.by} is no spare: it {why}", *path, "by")
        spare.tenures = worn_after(worn, day)
    return lives


def _since_ms(source: ScenarioFile, slot: Slot, clock: SiteClock) -> int:
    groups = source.scenario.badges
    since = groups[slot.group].since if groups else None
    return 0 if since is None else max(clock.ms_of(since), 0)
