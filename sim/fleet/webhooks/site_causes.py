"""What happens to the site itself: hotspots come and go, keys are made, secrets are rolled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sim.platforms.kit.cause import Cause, Kind
from sim.scenario.language.platforms import Blecon, Peridio
from sim.scenario.plan.roster import Roster

_What = tuple[str, Kind, dict[str, Any]]


def site_causes(roster: Roster) -> list[Cause]:
    """List the causes of the site within the run, in order of time."""
    spoken, clock = roster.source.scenario.platforms, roster.site_plan.clock
    found: list[_What] = []
    if spoken.blecon:
        found += _hotspots(spoken.blecon)
    if spoken.peridio:
        found += _peridio(spoken.peridio)
    timed = [(clock.ms_of(at), kind, facts) for at, kind, facts in found]
    # What was rolled before the run starts is the secret of all of it.
    timed = [(max(ms, 0) if kind == "rolled" else ms, kind, facts) for ms, kind, facts in timed]
    counts = Counter[str]()
    causes = []
    for place, (ms, kind, facts) in enumerate(sorted(timed, key=lambda one: one[0])):
        if 0 <= ms <= roster.parameters.end_ms:
            counts[kind] += 1
            utc_ms = clock.start_unix_ms + ms
            causes.append(Cause(utc_ms, kind, number=counts[kind], facts=facts, place=place))
    return causes


def _hotspots(words: Blecon) -> Iterator[_What]:
    for name, hotspot in words.hotspots.items():
        moved = None if hotspot.moved is None else hotspot.moved.at
        changes = (("created", hotspot.installed), ("updated", moved), ("deleted", hotspot.removed))
        for change, at in changes:
            if at is not None:
                yield at, "configured", {"change": change, "hotspot": name}


def _peridio(words: Peridio) -> Iterator[_What]:
    for key in words.api_keys:
        yield key.at, "api_key", {"name": key.name}
    if words.roll is not None:
        yield words.roll.at, "rolled", {"ttl_s": words.roll.ttl_s}
