from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.ble.doubts import Doubt, Doubts
from hil.ble.sampler import Sampler
from sim.sources.open import read_adverts
from tests.command import needs_recordings
from tests.paths import RECORDINGS

TAG = "AA:BB:CC:DD:EE:01"
SECOND = 1_000_000_000


def doubts_about(samples) -> tuple[Doubt, ...]:
    doubts = Doubts()
    for at_ns, rssi in samples:
        doubts.note(at_ns, TAG, rssi)
    return doubts.about({TAG})


@given(st.integers(0, 999), st.integers(30, 100))
def test_a_common_tag_raises_no_doubt(seed, count):
    noise = random.Random(seed)
    samples = [(i * SECOND, round(noise.gauss(-65, 3))) for i in range(count)]
    assert doubts_about(samples) == ()


@given(st.integers(0, 999))
def test_the_threshold_of_blue_z_shows_by_its_large_steps(seed):
    noise, told = random.Random(seed), [-65]
    for _ in range(5000):
        rssi = round(noise.gauss(-65, 5))
        if abs(rssi - told[-1]) >= 8:
            told.append(rssi)
    assert doubts_about((i * SECOND, rssi) for i, rssi in enumerate(told)) == (Doubt.THRESHOLD,)


def test_one_sample_per_scan_window_shows_a_duplicate_filter():
    samples = [(round(i * 10.24 * SECOND), -60 - i % 3) for i in range(8)]
    assert doubts_about(samples) == (Doubt.DUPLICATES,)


def test_a_tag_that_comes_and_goes_is_not_suspected():
    samples = [(i * SECOND + (i // 3) * 60 * SECOND, -60 - i % 3) for i in range(12)]
    assert doubts_about(samples) == ()


def test_a_doubt_ends_when_samples_flow_again():
    slow = [(i * 11 * SECOND, -60 - 9 * (i % 2)) for i in range(20)]
    fast = [(slow[-1][0] + i * SECOND, -60 - i % 3) for i in range(1, 20)]
    assert set(doubts_about(slow)) == set(Doubt)
    assert doubts_about(slow + fast) == ()


def test_a_tag_never_heard_raises_none():
    assert Doubts().about({TAG}) == ()


@needs_recordings
@pytest.mark.parametrize("known", [True, False], ids=["all devices", "the rarest device alone"])
def test_a_real_capture_looped_raises_no_doubt(known):
    """One device that is heard seldom sufficed to suspect the host in 5 of 13 cycles."""
    log = read_adverts(RECORDINGS / "ble-capture.btsnoop")
    heard = [(one.utc_ms, one.mac, one.rssi_dbm) for one in log.sightings]
    length_ms = heard[-1][0] - heard[0][0] + 1000
    rarest = min({mac for _, mac, _ in heard}, key=[mac for _, mac, _ in heard].count)
    sampler = Sampler(None if known else [rarest])
    sampler.up(0)
    reports = [
        ((ms - heard[0][0] + turn * length_ms) * 1_000_000, mac, rssi)
        for turn in range(20)
        for ms, mac, rssi in heard
    ]
    cycles, start_ns = [], 0
    for at_ns, mac, rssi in reports:
        while at_ns >= start_ns + 5 * SECOND:
            sampler.begin(start_ns, start_ns + 5 * SECOND)
            start_ns += 5 * SECOND
            cycles += sampler.close(start_ns)
        sampler.hear(at_ns, mac, rssi, at_ns)
    assert len(cycles) > 13
    assert [cycle for cycle in cycles if cycle.doubts] == []


def test_a_filter_that_strikes_later_is_still_noticed():
    noise = random.Random(1)
    free = [(i * SECOND, round(noise.gauss(-65, 3))) for i in range(200)]
    last, held = free[-1][1], []
    while len(held) < 20:
        rssi = round(noise.gauss(-65, 6))
        if abs(rssi - last) >= 8:
            held.append((free[-1][0] + (len(held) + 1) * SECOND, rssi))
            last = rssi
    assert doubts_about(free) == ()
    assert doubts_about(free + held) == (Doubt.THRESHOLD,)
