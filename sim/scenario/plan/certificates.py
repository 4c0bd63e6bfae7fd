"""Which badges Peridio turns away, and when: no roll-out reaches those; and what others left."""

from __future__ import annotations

from typing import NamedTuple

from sim.scenario.plan.roster import Roster


class AtStart(NamedTuple):
    """What a badge begins a run with."""

    firmware: str
    battery_pct: float


def certificate_at(roster: Roster, index: int, ms: int) -> str | None:
    """Say what is bad about a badge's certificate at a time; None: nothing."""
    peridio, ms_of = roster.source.scenario.platforms.peridio, roster.site_plan.clock.ms_of
    for one in peridio.certificates if peridio else ():
        begins = 0 if one.at is None else ms_of(one.at)
        ends = roster.parameters.end_ms + 1 if one.ends is None else ms_of(one.ends)
        if begins <= ms < ends and roster.is_among(one, index):
            return one.state
    return None


def at_start(roster: Roster, index: int) -> AtStart:
    """Give what a badge begins with: its group's, or the latest that came before the run starts."""
    group = roster.group(index)
    firmware, battery_pct = group.firmware, group.battery_pct
    for at_ms, one in roster.incidents(index):
        if at_ms >= 0:
            break
        if one.battery_pct is not None:
            battery_pct = one.battery_pct
        refused = one.fails or certificate_at(roster, index, at_ms) is not None
        if one.firmware is not None and not refused:
            firmware = one.firmware
    return AtStart(firmware, battery_pct)
