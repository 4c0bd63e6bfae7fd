"""What Connect, Disconnect and Pair answer; the oracle has the silent tag's 41 seconds."""

from __future__ import annotations

import asyncio

from dbus_fast import BusType
from dbus_fast.aio import MessageBus

from sim.air.radio.air import Air
from sim.air.radio.peripheral import Peripheral
from tests.patience import eventually
from tests.sim.air.rig import TAG, ask

DEVICE = ("/org/bluez/hci0/dev_AA_BB_CC_DD_EE_01", "org.bluez.Device1")


def called(offer, story, tag=None):
    async def run():
        air = Air(1)
        if tag is not None:
            air.peripherals[TAG] = tag
        async with offer(air):
            bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
            air.adapters["hci0"].start("me")
            air.advertise(TAG, -60)
            found = await story(air, lambda member: bus.call(ask(*DEVICE, member)))
            bus.disconnect()
            await asyncio.sleep(0)
            return found

    return asyncio.run(run())


def test_a_second_connect_is_in_progress_and_disconnect_ends_the_first(offer):
    async def story(air, call):
        first = asyncio.create_task(call("Connect"))
        await asyncio.sleep(0)  # it is on its way, and arrives before what follows
        second = await call("Connect")
        ended = await call("Disconnect")
        return (await first).body, second.error_name, ended.error_name

    assert called(offer, story) == (
        ["le-connection-abort-by-local"],
        "org.bluez.Error.InProgress",
        None,
    )


def test_a_pairing_ends_only_when_it_is_cancelled(offer):
    async def story(air, call):
        pairing = asyncio.create_task(call("Pair"))
        await asyncio.sleep(0)
        cancelled = await call("CancelPairing")
        return (await pairing).error_name, cancelled.error_name

    assert called(offer, story) == ("org.bluez.Error.AuthenticationCanceled", None)


def test_a_tag_is_connected_to_at_its_next_advertisement_and_silent_from_then_on(offer):
    tag = Peripheral()

    async def story(air, call):
        connecting = asyncio.create_task(call("Connect"))
        await eventually(lambda: air.adapters["hci0"].awaited)
        assert not tag.connected
        air.advertise(TAG, -60)
        assert (await connecting).error_name is None
        assert tag.connected
        assert not air.advertise(TAG, -60)
        again = (await call("Connect")).error_name
        air.power(False)
        return again, tag.connected

    assert called(offer, story, tag) == (None, False)
