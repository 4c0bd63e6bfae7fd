"""BlueZ on a connection of our own: adapters in order, and every way in which it goes."""

from __future__ import annotations

import asyncio

import pytest

from hil.ble.bluez import AdapterState, BluezWatch, list_adapters
from hil.ble.errors import ScannerError
from sim.air.bluez.system_bus import SystemBus
from sim.air.radio.air import Air


@pytest.fixture
def on_bus(monkeypatch):
    """`on_bus(air, story)` runs a story beside a bus with that air."""

    def play(air, story):
        async def run():
            async with SystemBus(air) as bus:
                monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
                return await asyncio.wait_for(story(bus), 60)

        return asyncio.run(run())

    return play


def test_adapters_are_listed_in_the_order_of_their_numbers(on_bus):
    air = Air(12)
    air.power(False, "hci2")
    found = on_bus(air, lambda bus: list_adapters())
    assert [one.name for one in found] == [f"hci{n}" for n in range(12)]
    assert [one.name for one in found if not one.powered] == ["hci2"]
    assert isinstance(found[0], AdapterState)
    assert found[0].central
    assert len(found[0].address) == 17


def test_no_bluetoothd_is_said_with_the_remedy(on_bus):
    air = Air(1)
    air.stop_bluetoothd()
    with pytest.raises(ScannerError, match="bluetoothd does not run"):
        on_bus(air, lambda bus: list_adapters())


@pytest.mark.parametrize(
    ("strike", "told"),
    [
        (lambda air: air.stop_bluetoothd(crashed=True), "bluetoothd restarted"),
        (lambda air: air.power(False, "hci0"), "the adapter was switched off"),
        (lambda air: air.unplug("hci0"), "the adapter was removed"),
    ],
)
def test_the_watch_tells_what_went_and_only_of_its_own_adapter(on_bus, strike, told):
    air, heard = Air(2), []

    async def story(bus):
        lost = asyncio.Event()

        def lose(reason):
            heard.append(reason)
            lost.set()

        watch = BluezWatch(None, lose)
        await watch.open()
        assert await watch.settle() == "hci0"
        air.power(False, "hci1")
        strike(air)
        await lost.wait()
        await watch.close()

    on_bus(air, story)
    assert heard[0] == told
