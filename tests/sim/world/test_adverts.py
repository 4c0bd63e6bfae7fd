from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.errors import InputError
from sim.world.adverts import ADV_DELAY_US, BLOCK, PDU_US, AdvertClock, ScanPattern, Tag

HOUR_US = 3_600_000_000


def clock(seed=1, interval_ms=100):
    return AdvertClock(seed, Tag("A0", interval_ms))


@pytest.mark.parametrize("interval_ms", [20, 100, 1285])
def test_adverts_come_every_interval_plus_up_to_ten_ms(interval_ms):
    _, starts = clock(interval_ms=interval_ms).between(0, HOUR_US)
    gaps = np.diff(starts) - interval_ms * 1000
    assert 0 <= gaps.min() < 100
    assert ADV_DELAY_US - 100 < gaps.max() <= ADV_DELAY_US
    assert gaps.mean() == pytest.approx(ADV_DELAY_US / 2, rel=0.05)
    assert 0 <= starts[0] < (interval_ms + 10) * 1000


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(0, HOUR_US), st.integers(0, 10**9)), max_size=6))
def test_any_span_in_any_order_is_a_cut_of_the_same_series(spans):
    _, series = clock().between(0, HOUR_US + 10**9)
    asked = clock()
    for begin, length in spans:
        first, starts = asked.between(begin, begin + length)
        low, high = np.searchsorted(series, (begin, begin + length))
        assert starts.tolist() == series[low:high].tolist()
        assert not len(starts) or first == low


def test_before_time_began_nothing_was_sent():
    first, starts = clock().between(-5_000_000, 0)
    assert (first, len(starts)) == (0, 0)


def test_a_long_day_costs_little_memory(monkeypatch):
    monkeypatch.setattr("sim.world.adverts.HELD_MOST", 2)
    one = clock()
    for hour in range(24):
        one.between(hour * HOUR_US, (hour + 1) * HOUR_US // BLOCK * BLOCK)
    assert len(one.held) <= 2
    assert len(one._starts) < 1000


def test_tags_and_seeds_do_not_beat_together():
    starts = [AdvertClock(s, Tag(m)).between(0, 10**6)[1][0] for s in (1, 2) for m in ("A", "B")]
    assert len(set(starts)) == 4


def test_a_scanner_hears_one_pdu_on_its_channel_in_its_window():
    scanner = ScanPattern(phase_us=0)
    starts = np.array([0, 49_000, 49_700, 100_000, 199_500, 201_000, 400_000])
    index, at_us, channel = scanner.hears(starts)
    heard = list(zip(index.tolist(), at_us.tolist(), channel.tolist(), strict=True))
    # window 0 listens on the first channel, window 1 (from 200 ms) on the second, 2 on the third
    assert heard == [(0, 0, 0), (1, 49_000, 0), (4, 200_500, 1), (5, 202_000, 1), (6, 402_000, 2)]


@settings(deadline=None)
@given(st.integers(0, 599_999), st.integers(30, 300), st.integers(5, 30))
def test_every_heard_pdu_is_whole_inside_a_window_of_its_channel(phase_us, interval, window):
    scanner = ScanPattern(interval, min(window, interval), phase_us)
    _, starts = clock().between(0, 20_000_000)
    index, at_us, channel = scanner.hears(starts)
    into = (at_us - phase_us) % (interval * 1000)
    assert (into + PDU_US <= scanner.window_ms * 1000).all()
    assert ((at_us - phase_us) // (interval * 1000) % 3 == channel).all()
    assert (at_us == starts[index] + 1000 * channel).all()


def test_a_quarter_of_the_adverts_is_heard_in_the_long_run():
    _, starts = clock(interval_ms=97).between(0, HOUR_US)
    index, _, _ = ScanPattern(phase_us=77_777).hears(starts)
    assert len(index) / len(starts) == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize("interval_ms", [0, 19, 10_241])
def test_an_interval_that_bluetooth_forbids_is_refused(interval_ms):
    with pytest.raises(InputError, match="20 to 10240"):
        Tag("A0", interval_ms)


@pytest.mark.parametrize("window_ms", [0, 201])
def test_a_window_must_fit_into_its_interval(window_ms):
    with pytest.raises(InputError, match="window_ms"):
        ScanPattern(200, window_ms)
