"""Percent of charge from a lithium-polymer cell's voltage at rest."""

from __future__ import annotations

from itertools import pairwise

# Open-circuit voltages of a common LiCoO2 cell at 20 degrees; a decision, within 5 % of most
# published curves.  Under load a cell reads lower: the percent is then an underestimate.
_CURVE_MV = (
    (3270, 0),
    (3610, 5),
    (3690, 10),
    (3730, 20),
    (3770, 30),
    (3790, 40),
    (3840, 50),
    (3870, 60),
    (3950, 70),
    (4020, 80),
    (4110, 90),
    (4200, 100),
)


def battery_pct(voltage_mv: int) -> int:
    """Return 0…100 by linear interpolation; 0 below and 100 above the curve."""
    if voltage_mv <= _CURVE_MV[0][0]:
        return 0
    for (low_mv, low), (high_mv, high) in pairwise(_CURVE_MV):
        if voltage_mv <= high_mv:
            return low + (voltage_mv - low_mv) * (high - low) // (high_mv - low_mv)
    return 100
