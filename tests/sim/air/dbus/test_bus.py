"""The bus before programs that are not bleak."""

from __future__ import annotations

import asyncio

from dbus_fast import BusType, MessageType
from dbus_fast.aio import MessageBus

from sim.air.radio.air import Air
from tests.sim.air.rig import BUS, TAG, ask


def test_signals_go_to_those_who_asked_and_carry_the_owner(offer, eventually):
    async def story():
        air, heard = Air(1), []
        async with offer(air):
            bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
            bus.add_message_handler(
                lambda m: heard.append(m) if m.message_type is MessageType.SIGNAL else None
            )
            rule = "type='signal',sender='org.bluez',member='InterfacesAdded'"
            driver = ("/org/freedesktop/DBus", BUS)
            await bus.call(ask(*driver, "AddMatch", "s", [rule], to=BUS))
            await bus.call(ask("/org/bluez/hci0", "org.bluez.Adapter1", "StartDiscovery"))
            air.advertise(TAG, -60)
            air.advertise(TAG, -61)
            await bus.call(ask(*driver, "RemoveMatch", "s", [rule], to=BUS))
            air.advertise("AA:BB:CC:DD:EE:02", -60)
            await bus.call(ask(*driver, "GetId", to=BUS))
            bus.disconnect()
            await asyncio.sleep(0)
        assert [(m.member, m.sender) for m in heard] == [("InterfacesAdded", ":1.1")]

    asyncio.run(story())
