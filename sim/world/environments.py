"""Named radio environments: what happens to 2.4 GHz between a tag and a badge, with its source."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import log10
from pathlib import Path

from badge.errors import InputError
from badge.words import near

FARTHEST_M = 100.0
FIT_FILE = Path(__file__).with_name("radio_fit.json")


@dataclass(frozen=True, slots=True)
class Environment:
    """Log-distance path loss, shadowing, fading, body and loss.  RSSI are means in dB.

    `rssi(d) = rssi_1m_dbm - 10 * exponent * log10(d)`, plus shadowing, fading and body.
    `body_db` is front to back, `irregular` the share of it that its notches have (rms);
    `error_db` is what a receiver's own reading of one advert is off (sd).
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
    irregular: float
    error_db: float
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


# Fitted by `python -m sim.calibration` to people who stand and turn (MIT Lincoln Laboratory) and
# to boards that nobody touches (NIST): the same in every environment
_RICE_K, _SWAY_RAD_S, _ERROR_DB, _CORR_M = 1.0, 1.2, 1.7, 0.5
_LOSS, _SENSITIVITY_DBM = 0.03, -95.0  # decisions
_PINNED = "; level and exponent are the contract's (section 6: -50 dBm or stronger at 1 m, about "
_PINNED += "-70 dBm at 5 m over all ways to face), with ITU-R P.1238's exponent for 2.4 GHz, 3.0"


def _contract(
    name: str,
    source: str,
    rssi_1m_dbm: float,
    shadowing_db: float,
    body_db: float,
    irregular: float,
) -> Environment:
    return Environment(
        name=name,
        source=source + _PINNED,
        rssi_1m_dbm=rssi_1m_dbm,
        exponent=3.0,
        shadowing_db=shadowing_db,
        corr_m=_CORR_M,
        rice_k=_RICE_K,
        sway_rad_s=_SWAY_RAD_S,
        body_db=body_db,
        irregular=irregular,
        error_db=_ERROR_DB,
        loss=_LOSS,
        sensitivity_dbm=_SENSITIVITY_DBM,
    )


YARD = _contract(
    "yard",
    "fitted to a person who turns in an open courtyard, 1.83 m from the receiver",
    rssi_1m_dbm=-44.5,
    shadowing_db=3.0,
    body_db=10.0,
    irregular=0.25,
)
ROOM = _contract(
    "room",
    "fitted to a person who turns in a meeting room, 1.83 m from the receiver",
    rssi_1m_dbm=-47.0,
    shadowing_db=2.0,
    body_db=3.5,
    irregular=0.3,
)
METAL = _contract(
    "metal",
    "a room of metal: fitted to the published front to back of such a one",
    rssi_1m_dbm=-48.0,
    shadowing_db=1.2,
    body_db=1.0,
    irregular=0.4,
)
BENCH = _contract(
    "bench",
    "fitted to two boards that nobody touches for hours, 1.5 and 3 m apart; nobody is near",
    rssi_1m_dbm=-48.5,
    shadowing_db=1.8,
    body_db=4.0,
    irregular=0.3,
)


def _hall() -> Environment:
    fitted = json.loads(FIT_FILE.read_text(encoding="utf-8"))["environment"]
    return Environment(name="hall", **fitted)


HALL = _hall()
ENVIRONMENTS = {one.name: one for one in (YARD, ROOM, METAL, HALL, BENCH)}


def environment_named(name: str) -> Environment:
    """Find an environment; InputError naming those there are."""
    if name not in ENVIRONMENTS:
        known = ", ".join(ENVIRONMENTS)
        raise InputError(
            f"environment {name!r} is unknown; known are: {known}{near(name, ENVIRONMENTS)}"
        )
    return ENVIRONMENTS[name]
