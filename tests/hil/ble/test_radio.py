"""The scanner on unmodified bleak, on the virtual air, through every fault."""

from __future__ import annotations

import asyncio
import gc
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from badge.errors import InputError
from hil.ble.errors import ScannerError
from hil.ble.radio import options_for
from hil.ble.scanner import open_scanner
from hil.ble.supervisor import RestartPolicy, ScannerState
from sim.air.bluez.system_bus import SystemBus
from sim.air.radio.air import Air
from sim.air.radio.conditions import Conditions

TAG = "AA:BB:CC:DD:EE:01"
QUICK = RestartPolicy(pause_s=0.02, pause_max_s=0.05, first_attempts=3)


@pytest.fixture
def offer(monkeypatch):
    @asynccontextmanager
    async def offered(air):
        async with SystemBus(air) as bus:
            monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
            yield bus
        for _ in range(20):
            await asyncio.sleep(0)

    yield offered
    # bleak leaves failed futures behind, which are logged when they are collected.  Here, please:
    # in the middle of a parse (pytest rewrites asserts) CPython 3.11's ast loses its count.
    gc.collect()


@asynccontextmanager
async def advertising(air, adapters=("hci0",), period_s=0.005):
    """Let one tag advertise all the time."""

    async def send():
        while True:
            for adapter in adapters:
                air.advertise(TAG, -60, adapter=adapter, manufacturer_data={1: b"x"})
            await asyncio.sleep(period_s)

    task = asyncio.create_task(send())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def next_heard(scanner):
    """Return the next cycle that heard a tag; on a busy machine one may end before any speaks."""
    while True:
        cycle = await scanner.listen(0.05)
        if cycle.heard:
            return cycle


async def samples(scanner, count):
    """Return the samples of cycles without a gap, until so many have come."""
    heard = []
    async for cycle in scanner.cycles(0.02):
        heard += cycle.heard or ()
        if len(heard) >= count:
            return heard
    raise AssertionError


async def start(scanner):
    async with scanner:
        raise AssertionError("it has started")


def run(story):
    """Run a story; the limit is for one that hangs, no time of this computer counts in it."""
    asyncio.run(asyncio.wait_for(story, 60))


def test_a_cycle_holds_what_the_tags_said(offer):
    async def story():
        air = Air(2)
        async with (
            offer(air),
            open_scanner("bleak:hci1", tags=[TAG]) as scanner,
            advertising(air, ("hci0", "hci1")),
        ):
            cycle = await next_heard(scanner)
            assert set(cycle.heard) == {(TAG, -60)}
            assert air.adapters["hci0"].sessions == {}

    run(story())


def test_consecutive_cycles_lose_no_advertisement(offer):
    async def story():
        air, sent = Air(1), []
        async with offer(air), open_scanner("bleak", tags=[TAG]) as scanner:
            heard = []

            async def send():
                for i in range(300):
                    sent.append(-30 - i % 70)
                    air.advertise(TAG, sent[-1])
                    await asyncio.sleep(0)

            sending = asyncio.create_task(send())
            async for cycle in scanner.cycles(0.01):
                heard += [rssi for _, rssi in cycle.heard]
                if sending.done() and len(heard) >= len(sent):
                    break
            assert heard == sent

    run(story())


FAULTS = {
    "bluetoothd restarted": [lambda air, bus: air.restart_bluetoothd(), None],
    "bluetoothd crashed": [
        lambda air, bus: air.stop_bluetoothd(crashed=True),
        lambda air, bus: air.start_bluetoothd(),
    ],
    "switched off": [lambda air, bus: air.power(False), lambda air, bus: air.power(True)],
    "removed": [lambda air, bus: air.unplug(), lambda air, bus: air.plug()],
    "bus ended": [lambda air, bus: bus.die(), lambda air, bus: bus.revive()],
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_scanner_comes_back_and_says_when_it_was_down(offer, name):
    async def story():
        air = Air(1)
        begin, end = FAULTS[name]
        async with (
            offer(air) as bus,
            open_scanner("bleak:hci0", policy=QUICK) as scanner,
            advertising(air),
        ):
            await next_heard(scanner)
            asked = asyncio.ensure_future(scanner.listen(0.05))
            await asyncio.sleep(0)
            await act(begin, air, bus)
            assert (await asked).heard is None
            if end is not None:
                assert (await scanner.listen(0.05)).heard is None
                assert scanner.status.trouble.startswith("scanner hci0: ")
                await act(end, air, bus)
            await next_heard(scanner)
            assert scanner.status.state is ScannerState.UP
            assert sum(scanner.status.restarts.values()) >= 1

    run(story())


async def act(what, air, bus):
    pending = what(air, bus)
    if pending is not None:
        await pending


@pytest.mark.parametrize("name", ["InProgress", "NotReady", "Failed"])
def test_a_refused_start_is_tried_again_and_told_when_it_stays(offer, name):
    async def story():
        air = Air(1)
        async with offer(air), advertising(air):
            air.adapters["hci0"].refuse("StartDiscovery", name, times=2)
            async with open_scanner("bleak:hci0", policy=QUICK) as scanner:
                await next_heard(scanner)
            air.adapters["hci0"].refuse("StartDiscovery", name, times=3)
            with pytest.raises(ScannerError, match="scanner hci0: "):
                await start(open_scanner("bleak:hci0", policy=QUICK))

    run(story())


def test_a_wrong_adapter_is_told_at_once_with_the_remedy(offer):
    async def story():
        async with offer(Air(1)):
            with pytest.raises(InputError, match="bluetoothctl list"):
                await start(open_scanner("bleak:hci7"))

    run(story())


def test_no_bus_at_all_is_told_in_words(monkeypatch, tmp_path):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'none'}")
    with pytest.raises(InputError, match="is dbus running"):
        run(start(open_scanner("bleak", policy=QUICK)))


def test_the_filter_defeats_the_threshold_of_blue_z(offer):
    async def story():
        air = Air(1, Conditions(threshold_db=8))
        async with offer(air), open_scanner("bleak") as scanner:
            asked = asyncio.ensure_future(samples(scanner, 4))
            await asyncio.sleep(0)
            for rssi in (-60, -61, -63, -60):
                air.advertise(TAG, rssi)
            assert [rssi for _, rssi in await asked] == [-60, -61, -63, -60]

    run(story())


def test_phantoms_and_values_that_are_none_are_dropped_and_counted(offer):
    async def story():
        air = Air(1)
        async with offer(air), open_scanner("bleak") as scanner:
            asked = asyncio.ensure_future(samples(scanner, 2))
            await asyncio.sleep(0)
            for rssi in (-127, 127, 0, -60):
                air.advertise(TAG, rssi)
            air.adapters["hci0"].touch(TAG, Connected=True)
            air.advertise(TAG, -61)  # the last thing to arrive
            assert await asked == [(TAG, -60), (TAG, -61)]
            assert (scanner.status.counts.invalid, scanner.status.counts.phantom) == (3, 1)

    run(story())


def test_twenty_scanners_share_one_program_and_each_has_its_own_radio(offer):
    async def story():
        air = Air(20)
        async with offer(air), AsyncExitStack() as stack:
            scanners = [
                await stack.enter_async_context(open_scanner(f"bleak:hci{i}")) for i in range(20)
            ]
            asked = [asyncio.ensure_future(samples(scanner, 1)) for scanner in scanners]
            await asyncio.sleep(0)
            for i in range(20):
                air.advertise(TAG, -40 - i, adapter=f"hci{i}")
            heard = [await one for one in asked]
        assert heard == [[(TAG, -40 - i)] for i in range(20)]

    run(story())


def test_without_bleak_the_remedy_is_its_installation(monkeypatch):
    monkeypatch.setattr("hil.ble.radio.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install .*hil"):
        open_scanner("bleak")


@pytest.mark.parametrize("off", [[], ["hci0"], ["hci0", "hci1"]])
def test_of_several_adapters_the_first_powered_one_by_name_is_taken(offer, off):
    async def story():
        air = Air(12)
        for name in off:
            air.power(False, name)
        async with offer(air), open_scanner("bleak"):
            return [name for name, adapter in air.adapters.items() if adapter.sessions]

    assert asyncio.run(story()) == [f"hci{len(off)}"]


def test_linux_gets_the_filter_and_the_others_what_they_have():
    assert options_for("linux", "hci1") == {
        "bluez": {"adapter": "hci1", "filters": {"RSSI": -127, "DuplicateData": False}}
    }
    assert options_for("darwin", None) == {"cb": {"use_bdaddr": True}}
    assert options_for("win32", None) == {}


@pytest.mark.parametrize(
    ("platform", "adapter", "word"),
    [("darwin", "hci0", "macOS"), ("win32", "hci0", "Windows"), ("emscripten", None, "no radio")],
)
def test_what_cannot_work_on_a_system_is_refused_in_words(platform, adapter, word):
    with pytest.raises(ScannerError, match=word) as caught:
        options_for(platform, adapter)
    assert caught.value.hopeless
