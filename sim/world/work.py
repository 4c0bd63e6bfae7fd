"""Kinds of work: how somebody moves who does it, and what an accelerometer on her feels."""

from __future__ import annotations

import math
from dataclasses import dataclass

from badge.errors import InputError
from badge.words import near


@dataclass(frozen=True, slots=True)
class WorkKind:
    """Spells in one place and bouts on the way to the next, both log-normal in seconds.

    A spell in place is felt with probability `felt` (hands, a tool or an engine shake the badge
    without carrying it), a bout always.  `source` says where the numbers are from.
    """

    name: str
    source: str
    place_median_s: float
    place_sigma: float
    bout_median_s: float
    bout_sigma: float
    bout_m_s: float
    felt: float

    @property
    def place_mean_s(self) -> float:
        """Mean length of a spell in place."""
        return float(self.place_median_s * math.exp(self.place_sigma**2 / 2.0))


PLACE_LEAST_S, PLACE_MOST_S = 2.0, 1800.0
BOUT_LEAST_S, BOUT_MOST_S = 0.5, 300.0  # bouts under five minutes: Hallman 2015
_HALLMAN = "walking 33 % of the time (sd 12), in bouts under 5 min: Hallman 2015, 191 workers; "

ON_FOOT = WorkKind(
    "on_foot",
    _HALLMAN + "how it is cut into spells, 1 m/s and what is felt in place: decisions",
    place_median_s=13.0,
    place_sigma=0.8,
    bout_median_s=6.0,
    bout_sigma=0.9,
    bout_m_s=1.0,
    felt=0.4,
)
TRIMMING = WorkKind(
    "trimming",
    "decision: a minute at each spot, three seconds to the next, the tool felt nine times in ten",
    place_median_s=60.0,
    place_sigma=0.8,
    bout_median_s=3.0,
    bout_sigma=0.6,
    bout_m_s=0.6,
    felt=0.9,
)
RIDING = WorkKind(
    "riding",
    "decision: a ride-on mower at 6 km/h that stops for ten seconds, its engine always felt",
    place_median_s=10.0,
    place_sigma=0.8,
    bout_median_s=40.0,
    bout_sigma=0.6,
    bout_m_s=1.7,
    felt=1.0,
)
DRIVING = WorkKind(
    "driving",
    "decision: a vehicle on the site at 15 km/h, half a minute at each stop, engine always felt",
    place_median_s=30.0,
    place_sigma=0.8,
    bout_median_s=15.0,
    bout_sigma=0.6,
    bout_m_s=4.2,
    felt=1.0,
)
STANDING = WorkKind(
    "standing",
    "decision: somebody who stands and talks, shifts her feet now and then, and is not felt",
    place_median_s=90.0,
    place_sigma=0.8,
    bout_median_s=1.5,
    bout_sigma=0.5,
    bout_m_s=0.5,
    felt=0.1,
)
OFFICE = WorkKind(
    "office",
    "decision: minutes at a desk, then a few steps",
    place_median_s=400.0,
    place_sigma=1.0,
    bout_median_s=8.0,
    bout_sigma=0.8,
    bout_m_s=1.1,
    felt=0.02,
)
WORK_KINDS = {one.name: one for one in (ON_FOOT, TRIMMING, RIDING, DRIVING, STANDING, OFFICE)}


def work_kind(name: str) -> WorkKind:
    """Find a kind of work; InputError naming those there are."""
    if name not in WORK_KINDS:
        known = ", ".join(WORK_KINDS)
        raise InputError(
            f"work of the kind {name!r} is unknown; known are: {known}{near(name, WORK_KINDS)}"
        )
    return WORK_KINDS[name]
