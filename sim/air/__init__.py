"""The virtual air: tags, radios and a BlueZ that programs on this machine take for the real one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from badge.exports import exports

if TYPE_CHECKING:
    from sim.air.bleak_backend import AirScanner
    from sim.air.bluez.daemon import DaemonLink
    from sim.air.bluez.system_bus import SystemBus
    from sim.air.launch import launch_air
    from sim.air.radio.air import Air

__all__ = ["Air", "AirScanner", "DaemonLink", "SystemBus", "launch_air"]
__getattr__, __dir__ = exports(
    __name__,
    {
        "Air": "sim.air.radio.air",
        "AirScanner": "sim.air.bleak_backend",
        "DaemonLink": "sim.air.bluez.daemon",
        "SystemBus": "sim.air.bluez.system_bus",
        "launch_air": "sim.air.launch",
    },
)
