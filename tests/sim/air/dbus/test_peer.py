from __future__ import annotations

import asyncio
import contextlib
import os

import pytest
from dbus_fast import BusType
from dbus_fast.aio import MessageBus

from sim.air.radio.air import Air
from tests.patience import PATIENCE_S
from tests.sim.air.rig import BUS, TAG, ask, spoken


@pytest.mark.parametrize(
    "octets",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\0BEGIN\r\n",
        b"\0AUTH EXTERNAL {me}\r\nBEGIN\r\nhello, is this the radio?",
        b"\0AUTH EXTERNAL {me}\r\nBEGIN\r\nl\1\0\1\xff\xff\xff\x7f\1\0\0\0\0\0\0\0",
        b"\0" + b"x" * 20_000,
    ],
)
def test_foreign_octets_end_their_own_connection_and_no_other(offer, octets):
    async def story():
        air = Air(1)
        async with offer(air) as bus:
            good = await MessageBus(bus_type=BusType.SYSTEM).connect()
            reader, writer = await asyncio.open_unix_connection(bus.bus.socket)
            writer.write(octets.replace(b"{me}", str(os.getuid()).encode().hex().encode()))
            try:
                while await reader.read(1000):
                    pass
            except ConnectionError:
                pass
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            answer = await good.call(ask("/org/freedesktop/DBus", BUS, "GetId", to=BUS))
            good.disconnect()
            await asyncio.sleep(0)
            return answer.body

    assert asyncio.run(asyncio.wait_for(story(), PATIENCE_S)) != []


def test_a_program_that_does_not_read_is_cut_off(offer, eventually, monkeypatch):
    monkeypatch.setattr("sim.air.dbus.peer.BACKLOG_MAX", 1 << 20)

    async def story():
        air, driver = Air(1), ("/org/freedesktop/DBus", BUS)
        async with offer(air) as bus:
            _, writer = await asyncio.open_unix_connection(bus.bus.socket)
            hello = ask(*driver, "Hello", to=BUS)
            rule = ask(*driver, "AddMatch", "s", ["type='signal'"], to=BUS)
            start = ask("/org/bluez/hci0", "org.bluez.Adapter1", "StartDiscovery")
            writer.write(spoken(hello, rule, start))
            await eventually(lambda: air.adapters["hci0"].sessions)
            payload = {company: bytes(24) for company in range(2000)}
            for i in range(40):
                air.advertise(TAG, -60, manufacturer_data={**payload, 9999: bytes([i])})
            await eventually(lambda: not bus.bus.peers)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    asyncio.run(story())
