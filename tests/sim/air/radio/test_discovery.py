"""Sessions, filters and the kernel's scan, as a real 5.66 orders them."""

from __future__ import annotations

import pytest

from sim.air.radio.air import Air
from sim.air.radio.conditions import SCAN_GAP_MS, SCAN_WINDOW_MS, profile
from sim.air.radio.discovery import RESTART_MS
from sim.air.radio.filters import DiscoveryFilter
from sim.air.radio.refusals import AirRefusalError
from tests.sim.air.rig import TAG, Diary

LE = DiscoveryFilter(transport="le")


class World:
    def __init__(self, bluez="5.66", adapter="dual"):
        self.now_ms = 0
        self.air = Air(1, profile(bluez, adapter), lambda: self.now_ms)
        self.adapter = self.air.adapters["hci0"]
        self.diary = Diary(self.air)

    def wait(self, by_ms):
        until_ms = self.now_ms + by_ms
        while (due_ms := self.air.timers.next_ms()) is not None and due_ms <= until_ms:
            self.now_ms = max(self.now_ms, due_ms)
            self.air.timers.run_due()
        self.now_ms = until_ms

    def start(self, client, wanted=None):
        if wanted is not None:
            self.adapter.set_filter(client, wanted)
        self.adapter.start(client)

    def hears(self, flags=6, **said):
        return self.air.advertise(TAG, -60, flags=flags, **said)


@pytest.mark.parametrize(("wanted", "gap_ms"), [(None, SCAN_GAP_MS), (LE, RESTART_MS)])
def test_between_two_windows_nothing_is_heard(wanted, gap_ms):
    world = World()
    world.start("me", wanted)
    world.wait(SCAN_WINDOW_MS)
    assert not world.hears()
    world.wait(gap_ms - 1)
    assert not world.hears()
    world.wait(1)
    assert world.hears()


def test_an_answer_waits_for_the_restart_that_another_filter_needs():
    world, told = World(), []
    world.start("me", LE)
    world.adapter.start("you", told.append)
    assert told == []
    world.wait(RESTART_MS)
    assert told == [None]


def test_the_last_stop_within_a_restart_is_refused_and_counts_all_the_same():
    world, told = World(), []
    world.start("me", LE)
    world.start("you")
    world.wait(RESTART_MS)
    world.adapter.stop("you")
    world.adapter.stop("me", told.append)
    assert told[0].name == "InProgress"
    assert not world.adapter.sessions
    world.wait(60_000)
    assert world.adapter.properties["Discovering"]  # as a real one leaves it
    assert not world.adapter.kernel.discovering


def test_a_crash_leaves_the_kernel_scanning_and_the_next_start_in_progress():
    world, told = World(), []
    world.start("me", LE)
    world.air.restart_bluetoothd(crashed=True)
    world.adapter.start("me", told.append)
    assert [refusal.name for refusal in told] == ["InProgress"]
    world.wait(SCAN_WINDOW_MS)
    world.adapter.start("me", told.append)
    assert told[1:] == [None]


def test_an_orderly_restart_is_back_without_power_and_then_with_it():
    world = World()
    world.start("me", LE)
    world.adapter.begin_power(False)
    world.adapter.end_power(False)
    world.air.restart_bluetoothd()
    with pytest.raises(AirRefusalError, match="Not Ready"):
        world.adapter.start("me")
    assert world.adapter.properties["PowerState"] == "off-enabling"
    world.wait(1000)
    world.adapter.start("me")
    assert world.adapter.properties["PowerState"] == "on"


@pytest.mark.parametrize(
    ("bluez", "adapter", "shown"),
    [("5.66", "dual", True), ("5.66", "le", True), ("5.87", "dual", True), ("5.87", "le", False)],
)
def test_transport_le_alone_is_no_filter_on_an_le_adapter_of_5_87(bluez, adapter, shown):
    # Unfiltered, what has no discoverable flag is hidden, and small steps are not told.
    world = World(bluez, adapter)
    world.start("me", LE)
    assert world.hears(flags=4) is shown
    world.hears()
    world.diary.changes.clear()
    world.air.advertise(TAG, -63, flags=6)
    assert bool(world.diary.told()) is shown


def test_5_87_tells_services_by_their_data_and_addresses_in_any_case():
    for bluez, uuids, matched in (("5.66", [], False), ("5.87", ["feaa"], True)):
        world = World(bluez)
        world.start("me", DiscoveryFilter(transport="le", pattern="aa:bb"))
        assert world.hears(service_data={"FEAA": b"\x10"}) is matched
        world.adapter.set_filter("me", LE)
        world.wait(RESTART_MS)
        world.hears(service_data={"FEAA": b"\x10"})
        known = world.adapter.devices[TAG].properties["UUIDs"]
        assert [uuid[4:8] for uuid in known] == uuids
