from __future__ import annotations

from dataclasses import replace

from sim.air.radio.advert import Advert, Pdu, advert_of
from sim.air.radio.conditions import SCAN_WINDOW_MS, Conditions
from sim.air.radio.filters import Request
from sim.air.radio.kernel import Kernel
from sim.air.radio.timers import Timers

TAG, OTHER = "AA:BB:CC:DD:EE:01", "AA:BB:CC:DD:EE:02"
NAMED = advert_of(name="tag", manufacturer_data={1: bytes(20)})
TRAIN = Conditions(scan_train=True, strict=True)


def made(conditions=TRAIN):
    now, ended = [0], []
    timers = Timers(lambda: now[0])
    kernel = Kernel(conditions, timers, lambda: ended.append(now[0]))

    def at(moment_ms):
        while (due_ms := timers.next_ms()) is not None and due_ms <= moment_ms:
            now[0] = due_ms
            timers.run_due()
        now[0] = moment_ms

    return kernel, at, ended


def test_an_active_scan_asks_for_the_response_and_a_passive_one_does_not():
    kernel, at, _ = made()
    kernel.start(Request())
    assert kernel.hears(TAG, -60, NAMED) == NAMED.data + NAMED.response
    kernel.add_monitor(frozenset())
    kernel.stop()
    at(30)
    assert kernel.hears(TAG, -60, NAMED) == NAMED.data


def test_a_beacon_is_never_asked():
    kernel, *_ = made()
    kernel.start(Request())
    beacon = replace(NAMED, pdu=Pdu.NON_CONNECTABLE)
    assert kernel.hears(TAG, -60, beacon) == NAMED.data


def test_a_window_ends_by_itself_and_says_so():
    kernel, at, ended = made()
    assert kernel.start(Request())
    at(SCAN_WINDOW_MS - 1)
    assert kernel.discovering
    at(SCAN_WINDOW_MS)
    assert (kernel.discovering, ended) == (False, [SCAN_WINDOW_MS])
    assert kernel.hears(TAG, -60, NAMED) is None


def test_an_ideal_scan_never_ends():
    kernel, at, ended = made(Conditions())
    kernel.start(Request())
    at(2 * SCAN_WINDOW_MS)
    assert (kernel.discovering, ended) == (True, [])


def test_a_second_start_and_one_for_br_edr_alone_are_refused():
    kernel, *_ = made()
    assert not kernel.start(Request(filtered=True, le=False))
    assert kernel.start(Request())
    assert not kernel.start(Request())


def test_the_filter_of_strength_drops_the_weak_and_the_unknown():
    kernel, *_ = made()
    kernel.start(Request(filtered=True, rssi_dbm=-70))
    heard = [kernel.hears(TAG, dbm, Advert()) is not None for dbm in (-70, -71, 127, 0)]
    assert heard == [True, False, False, True]


def test_ten_adverts_in_two_windows_are_two_samples_with_a_duplicate_filter():
    kernel, at, _ = made(replace(TRAIN, duplicates="content"))
    count = 0
    for begin in (0, SCAN_WINDOW_MS + 100):
        at(begin)
        kernel.start(Request())
        count += sum(kernel.hears(TAG, -60, NAMED) is not None for _ in range(10))
    assert count == 2


def test_changed_content_passes_one_filter_and_not_the_other():
    for kind, passes in (("content", True), ("address", False)):
        kernel, *_ = made(Conditions(duplicates=kind))
        kernel.start(Request())
        first, second = advert_of(flags=1), advert_of(flags=2)
        assert kernel.hears(TAG, -60, first) is not None
        assert (kernel.hears(TAG, -60, second) is not None) is passes
        assert kernel.hears(OTHER, -60, second) is not None


def test_an_advertisement_monitor_switches_the_duplicate_filter_off():
    kernel, *_ = made(Conditions(duplicates="address"))
    kernel.add_monitor(frozenset())
    kernel.start(Request())
    assert all(kernel.hears(TAG, -60, NAMED) for _ in range(3))


def test_waiting_for_a_pairing_silences_an_active_scan_until_nobody_waits():
    kernel, *_ = made()
    kernel.start(Request())
    kernel.await_pairing(1)
    assert kernel.discovering
    assert kernel.hears(TAG, -60, NAMED) is None
    kernel.await_pairing(-1)
    assert kernel.hears(TAG, -60, NAMED) is not None


def test_data_that_is_too_long_is_dropped_and_the_response_is_not():
    kernel, *_ = made()
    kernel.start(Request())
    assert kernel.hears(TAG, -60, Advert(bytes(32), b"\2\1\6")) == b"\2\1\6"
    assert kernel.hears(TAG, -60, Advert(bytes(32), pdu=Pdu.NON_CONNECTABLE)) is None
    assert kernel.hears(TAG, -60, Advert(bytes(32), extended=True)) == bytes(32)
