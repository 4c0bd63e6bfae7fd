"""Device1's own properties, set over the socket; the oracle has its methods one by one."""

from __future__ import annotations

import asyncio

from dbus_fast import BusType, Variant
from dbus_fast.aio import MessageBus

from sim.air.radio.air import Air
from tests.sim.air.rig import PROPERTIES, TAG, ask

PATH, DEVICE = "/org/bluez/hci0/dev_AA_BB_CC_DD_EE_01", "org.bluez.Device1"


def test_an_alias_hides_the_name_until_it_is_taken_back(offer):
    async def story():
        air = Air(1)
        async with offer(air):
            bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
            air.adapters["hci0"].start("me")
            air.advertise(TAG, -60, name="tag")
            found = []
            for alias, name in (("mine", "tag 2"), ("", "tag 3")):
                value = Variant("s", alias)
                await bus.call(ask(PATH, PROPERTIES, "Set", "ssv", [DEVICE, "Alias", value]))
                air.advertise(TAG, -60, name=name)
                answer = await bus.call(ask(PATH, PROPERTIES, "Get", "ss", [DEVICE, "Alias"]))
                found.append(answer.body[0].value)
            bus.disconnect()
            await asyncio.sleep(0)
            return found

    assert asyncio.run(story()) == ["mine", "tag 3"]
