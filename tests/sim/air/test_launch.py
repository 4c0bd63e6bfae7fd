from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from dbus_fast.aio import MessageBus

from badge.errors import InputError
from sim.air.launch import launch_air
from tests.sim.air.rig import TAG, ask


def test_any_thread_advertises_and_any_program_finds_the_devices():
    async def paths(address):
        bus = await MessageBus(bus_address=address).connect()
        hci0 = ("/org/bluez/hci0", "org.bluez.Adapter1", "StartDiscovery")
        await bus.call(ask(*hci0))
        air.advertise(TAG, -60, manufacturer_data={1: b"x"})
        objects = ("/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
        told = await bus.call(ask(*objects))
        bus.disconnect()
        await asyncio.sleep(0)
        return list(told.body[0])

    with launch_air(2) as air:
        address = air.environment["DBUS_SYSTEM_BUS_ADDRESS"]
        found = asyncio.run(paths(address))
        assert air.act(lambda there: list(there.adapters)) == ["hci0", "hci1"]
    assert "/org/bluez/hci0/dev_AA_BB_CC_DD_EE_01" in found
    assert "/org/bluez/hci1" in found
    assert not Path(address.removeprefix("unix:path=")).exists()


def test_what_cannot_be_launched_says_so_here():
    with pytest.raises(InputError, match="0 to 20"), launch_air(21):
        pass
