"""Named radio environments: what happens to 2.4 GHz between a tag and a badge, with its source."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import log10
from pathlib import Path

FARTHEST_M = 100.0
FIT_FILE = Path(__file__).with_name("radio_fit.json")


@dataclass(frozen=True, slots=True)
class Environment:
    """Log-distance path loss, shadowing, fading, body and loss.  RSSI are means in dB.

    `rssi(d) = rssi_1m_dbm - 10 * exponent * log10(d)`, plus shadowing, fading and body.
    """

    name: str
    source: str
    rssi_1m_dbm: float
    exponent: float
    shadowing_db: float
    corr_m: float
    rice_k: float
    sway_rad_s: float
    body_db: float
    loss: float
    sensitivity_dbm: float

    def mean_dbm(self, distance_m: float) -> float:
        """Give the mean RSSI at a distance, the badge facing the tag."""
        return self.rssi_1m_dbm - 10.0 * self.exponent * log10(max(distance_m, 0.3))

    @property
    def reach_m(self) -> float:
        """Distance beyond which nothing is heard: mean + 4 sigma below the sensitivity, or 100 m.

        The hall's exponent is below free space's: true within it, absurd beyond.
        """
        margin_db = self.rssi_1m_dbm + 4.0 * self.shadowing_db - self.sensitivity_dbm
        return min(float(10.0 ** (margin_db / (10.0 * self.exponent))), FARTHEST_M)


SITE = Environment(
    name="site",
    source="contract section 6: -50 dBm or stronger at 1 m and about -70 dBm at 5 m, met with "
    "ITU-R P.1238's exponent for 2.4 GHz offices, 3.0: -47 and -68 dBm facing the tag, "
    "-70.5 dBm at 5 m on the average over all ways to face; fading as fitted in the hall; "
    "shadowing, body and loss are decisions",
    rssi_1m_dbm=-47.0,
    exponent=3.0,
    shadowing_db=2.5,
    corr_m=1.5,
    rice_k=2.0,
    sway_rad_s=0.7,
    body_db=5.0,
    loss=0.03,
    sensitivity_dbm=-95.0,
)


def _hall() -> Environment:
    fitted = json.loads(FIT_FILE.read_text(encoding="utf-8"))["environment"]
    return Environment(name="hall", **fitted)


HALL = _hall()
ENVIRONMENTS = {one.name: one for one in (SITE, HALL)}
