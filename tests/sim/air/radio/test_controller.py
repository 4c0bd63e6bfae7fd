from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.air.radio.conditions import SCAN_GAP_MS, SCAN_WINDOW_MS, Conditions
from sim.air.radio.controller import Controller

TAG, OTHER = "AA:BB:CC:DD:EE:01", "AA:BB:CC:DD:EE:02"


def hears(controller: Controller, at_ms: int, content=(), mac=TAG, filtered=True, every=False):
    return controller.hears(mac, content, at_ms, filtered=filtered, every=every)


@given(st.integers(0, 10**7))
def test_an_ideal_radio_hears_everything(at_ms):
    assert hears(Controller(Conditions()), at_ms)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_scan_train_listens_ten_seconds_and_is_deaf_for_five(begun_ms, later_ms):
    controller = Controller(Conditions(scan_train=True))
    controller.begin(begun_ms)
    phase_ms = later_ms % (SCAN_WINDOW_MS + SCAN_GAP_MS)
    heard = hears(controller, begun_ms + later_ms, filtered=False)
    assert heard is (phase_ms < SCAN_WINDOW_MS)


def test_a_filtered_discovery_has_no_gap():
    controller = Controller(Conditions(scan_train=True))
    assert all(hears(controller, at_ms) for at_ms in range(0, 60_000, 100))


def test_ten_adverts_in_two_windows_are_two_samples_with_a_duplicate_filter():
    controller = Controller(Conditions(duplicates="content"))
    times = [*range(0, 1000, 100), *range(SCAN_WINDOW_MS, SCAN_WINDOW_MS + 1000, 100)]
    assert sum(hears(controller, at_ms) for at_ms in times) == 2


def test_changed_content_passes_one_filter_and_not_the_other():
    by_content = Controller(Conditions(duplicates="content"))
    by_address = Controller(Conditions(duplicates="address"))
    first, second = ((0xFF, b"1"),), ((0xFF, b"2"),)
    assert hears(by_content, 0, first)
    assert hears(by_content, 1, second)
    assert hears(by_address, 0, first)
    assert not hears(by_address, 1, second)
    assert hears(by_address, 2, second, mac=OTHER)


def test_an_advertisement_monitor_switches_the_duplicate_filter_off():
    controller = Controller(Conditions(duplicates="address"))
    assert [hears(controller, at_ms, every=True) for at_ms in range(3)] == [True] * 3
