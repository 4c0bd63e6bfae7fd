"""Which badges Peridio turns away, and when: no roll-out reaches those."""

from __future__ import annotations

from sim.scenario.language.platforms import Some
from sim.scenario.plan.roster import Planned, Roster


class CertifiedRoster(Roster):
    """A roster in which a badge with a bad certificate is offered no firmware."""

    def incidents(self, index: int) -> list[Planned]:
        """List what befalls a badge, in order of time."""
        return [
            one
            for one in super().incidents(index)
            if one.incident.action != "firmware" or self.certificate_at(index, one.at_ms) is None
        ]

    def certificate_at(self, index: int, ms: int) -> str | None:
        """Say what is bad about a badge's certificate at a time; None: nothing."""
        peridio, ms_of = self.told.scenario.platforms.peridio, self.terrain.clock.ms_of
        for one in peridio.certificates if peridio else ():
            begins = 0 if one.at is None else ms_of(one.at)
            ends = self.asked.end_ms + 1 if one.ends is None else ms_of(one.ends)
            if begins <= ms < ends and self.is_among(one, index):
                return one.state
        return None

    def is_among(self, some: Some, index: int) -> bool:
        """Say whether a badge is one of some."""
        if some.badges is not None:
            return index + 1 in some.badges
        return self._rank[index] < round((some.share or 0.0) * len(self))
