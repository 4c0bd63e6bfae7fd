"""The virtual air: tags, radios and a BlueZ that programs on this machine take for the real one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from badge.exports import exports

if TYPE_CHECKING:
    from sim.air.bleak_backend import AirScanner
    from sim.air.bluez.daemon import DaemonLink
    from sim.air.bluez.system_bus import SystemBus
    from sim.air.launch import launch_air
    from sim.air.radio.advert import Advert, Pdu
    from sim.air.radio.air import Air
    from sim.air.radio.conditions import Conditions, profile
    from sim.air.radio.peripheral import Peripheral

__all__ = [
    "Advert",
    "Air",
    "AirScanner",
    "Conditions",
    "DaemonLink",
    "Pdu",
    "Peripheral",
    "SystemBus",
    "launch_air",
    "profile",
]
__getattr__, __dir__ = exports(
    __name__,
    {
        "Advert": "sim.air.radio.advert",
        "Air": "sim.air.radio.air",
        "AirScanner": "sim.air.bleak_backend",
        "Conditions": "sim.air.radio.conditions",
        "DaemonLink": "sim.air.bluez.daemon",
        "Pdu": "sim.air.radio.advert",
        "Peripheral": "sim.air.radio.peripheral",
        "SystemBus": "sim.air.bluez.system_bus",
        "launch_air": "sim.air.launch",
        "profile": "sim.air.radio.conditions",
    },
)
