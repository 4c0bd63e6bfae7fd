"""Blecon, GroupLink and Peridio: models, emitters, delivery, verification, schemas; kit for more.

`blecon`, `grouplink` and `peridio` are packages of their own; what a fourth one is made of is here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from badge.exports import exports

if TYPE_CHECKING:
    from sim.platforms.kit.cause import Cause
    from sim.platforms.kit.delivery import Answer, Delivery, Verdict
    from sim.platforms.kit.event import EventModel, EventType, epoch_ms, moment, pick_uuid
    from sim.platforms.kit.plain import PlainSimulation, Said
    from sim.platforms.kit.platform import Platform
    from sim.platforms.kit.receiver import Received, Seen
    from sim.platforms.kit.simulation import Made, Setting, Simulation

__all__ = [
    "Answer",
    "Cause",
    "Delivery",
    "EventModel",
    "EventType",
    "Made",
    "PlainSimulation",
    "Platform",
    "Received",
    "Said",
    "Seen",
    "Setting",
    "Simulation",
    "Verdict",
    "epoch_ms",
    "moment",
    "pick_uuid",
]

__getattr__, __dir__ = exports(
    __name__,
    {
        "Answer": "sim.platforms.kit.delivery",
        "Cause": "sim.platforms.kit.cause",
        "Delivery": "sim.platforms.kit.delivery",
        "EventModel": "sim.platforms.kit.event",
        "EventType": "sim.platforms.kit.event",
        "Made": "sim.platforms.kit.simulation",
        "PlainSimulation": "sim.platforms.kit.plain",
        "Platform": "sim.platforms.kit.platform",
        "Received": "sim.platforms.kit.receiver",
        "Said": "sim.platforms.kit.plain",
        "Seen": "sim.platforms.kit.receiver",
        "Setting": "sim.platforms.kit.simulation",
        "Simulation": "sim.platforms.kit.simulation",
        "Verdict": "sim.platforms.kit.delivery",
        "epoch_ms": "sim.platforms.kit.event",
        "moment": "sim.platforms.kit.event",
        "pick_uuid": "sim.platforms.kit.event",
    },
)
