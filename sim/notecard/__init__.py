"""The virtual Notecard, played on a wire, and the virtual Notehub behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from badge.exports import exports

if TYPE_CHECKING:
    from sim.notecard.launch import launch_card
    from sim.notecard.protocol.virtual import VirtualNotecard
    from sim.notecard.transport.i2c import I2cBus
    from sim.notecard.transport.loop import SerialLoop
    from sim.notecard.transport.pty import PtyPort
    from sim.notecard.transport.realtime import RealtimeNotecard
    from sim.notecard.world.track import TrackWorld
    from sim.notecard.world.world import SetWorld, World

__all__ = [
    "I2cBus",
    "PtyPort",
    "RealtimeNotecard",
    "SerialLoop",
    "SetWorld",
    "TrackWorld",
    "VirtualNotecard",
    "World",
    "launch_card",
]
__getattr__, __dir__ = exports(
    __name__,
    {
        "I2cBus": "sim.notecard.transport.i2c",
        "PtyPort": "sim.notecard.transport.pty",
        "RealtimeNotecard": "sim.notecard.transport.realtime",
        "SerialLoop": "sim.notecard.transport.loop",
        "SetWorld": "sim.notecard.world.world",
        "TrackWorld": "sim.notecard.world.track",
        "VirtualNotecard": "sim.notecard.protocol.virtual",
        "World": "sim.notecard.world.world",
        "launch_card": "sim.notecard.launch",
    },
)
