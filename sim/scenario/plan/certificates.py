"""Which badges Peridio turns away, and when: no roll-out reaches those."""

from __future__ import annotations

from sim.scenario.plan.roster import Roster


def certificate_at(roster: Roster, index: int, ms: int) -> str | None:
    """Say what is bad about a badge's certificate at a time; None: nothing."""
    peridio, ms_of = roster.source.scenario.platforms.peridio, roster.site_plan.clock.ms_of
    for one in peridio.certificates if peridio else ():
        begins = 0 if one.at is None else ms_of(one.at)
        ends = roster.parameters.end_ms + 1 if one.ends is None else ms_of(one.ends)
        if begins <= ms < ends and roster.is_among(one, index):
            return one.state
    return None
