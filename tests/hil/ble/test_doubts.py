from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from hil.ble.doubts import Doubt, Doubts

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
