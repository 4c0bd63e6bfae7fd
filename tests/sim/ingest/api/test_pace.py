"""The pace of requests: exact over any minute, bounded in memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.ingest.api import pace
from sim.ingest.api.pace import WINDOW_MS, RequestPace


@given(st.integers(1, 5), st.lists(st.integers(0, 40_000), max_size=40))
def test_no_minute_ever_holds_more_than_the_limit(limit, gaps_ms):
    asked, admitted, now_ms = RequestPace(limit), [], 0
    for gap_ms in gaps_ms:
        now_ms += gap_ms
        wait_s = asked.wait_s("ACT-00000001", now_ms)
        within = [at for at in admitted if at > now_ms - WINDOW_MS]
        assert (wait_s == 0) == (len(within) < limit)
        if wait_s == 0:
            asked.count("ACT-00000001", now_ms)
            admitted.append(now_ms)
        else:
            oldest = within[-limit]
            assert oldest + WINDOW_MS <= now_ms + wait_s * 1000 < oldest + WINDOW_MS + 1000


def test_asking_alone_does_not_count():
    asked = RequestPace(1)
    assert [asked.wait_s("a", 0) for _ in range(3)] == [0, 0, 0]


def test_one_device_does_not_slow_another():
    asked = RequestPace(1)
    asked.count("a", 0)
    assert [asked.wait_s(device, 0) for device in "ab"] == [60, 0]


def test_the_oldest_device_is_forgotten_first(monkeypatch):
    monkeypatch.setattr(pace, "DEVICES_REMEMBERED", 2)
    asked = RequestPace(1)
    for device in "abc":
        asked.count(device, 0)
    assert [asked.wait_s(device, 1) for device in "cba"] == [60, 60, 0]
