"""What a simulated badge runs on: clock, random streams, ports, pump, flash chip, and promises.

Simulated time and every random draw come from here alone, so that a seed names a whole run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from badge.exports import exports

if TYPE_CHECKING:
    from sim.engine.clock import Clock
    from sim.engine.flash import FlashChip
    from sim.engine.ports import Sensors, Uplink
    from sim.engine.pump import Pump
    from sim.engine.streams import stream

__all__ = ["Clock", "FlashChip", "Pump", "Sensors", "Uplink", "stream"]

__getattr__, __dir__ = exports(
    __name__,
    {
        "Clock": "sim.engine.clock",
        "FlashChip": "sim.engine.flash",
        "Pump": "sim.engine.pump",
        "Sensors": "sim.engine.ports",
        "Uplink": "sim.engine.ports",
        "stream": "sim.engine.streams",
    },
)
