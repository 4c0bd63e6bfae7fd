"""Real recorded input: walks (GPX, KML, FIT, NMEA) and heard adverts (captures, RSSI tables).

`open` tells the format by the content; what of a file cannot be used is counted by its reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from badge.exports import exports

if TYPE_CHECKING:
    from sim.sources.adverts import AdvertLog
    from sim.sources.open import read_adverts, read_track
    from sim.sources.track import Track

__all__ = ["AdvertLog", "Track", "read_adverts", "read_track"]

__getattr__, __dir__ = exports(
    __name__,
    {
        "AdvertLog": "sim.sources.adverts",
        "Track": "sim.sources.track",
        "read_adverts": "sim.sources.open",
        "read_track": "sim.sources.open",
    },
)
