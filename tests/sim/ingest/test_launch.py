"""The ingest in this process, in one call."""

from __future__ import annotations

from sim.ingest import Rules, SqliteStore, launch, launch_ingest
from sim.ingest.launch import steady_ms, utc_ms
from tests.sim.ingest.site import ask_http, batch


def test_without_a_word_it_takes_any_device_and_forgets_it_at_the_end():
    for _ in range(2):
        with launch_ingest() as server:
            assert ask_http(server.url, "POST", "/api/events", batch(1)).status == 202
            assert server.store.counts().duplicates == 0
        assert server.ended.is_set()


def test_a_store_of_ones_own_keeps_what_was_acknowledged(tmp_path):
    with launch_ingest(SqliteStore(tmp_path / "x.db")) as server:
        ask_http(server.url, "POST", "/api/events", batch(1, 2))
    with launch_ingest(SqliteStore(tmp_path / "x.db")) as server:
        assert len(server.store.events()) == 2


def test_with_rules_it_asks_for_keys():
    with launch_ingest(rules=Rules()) as server:
        assert ask_http(server.url, "POST", "/api/events", batch(1)).status == 401


def test_the_steady_clock_does_not_follow_the_other():
    first, utc = steady_ms(), utc_ms()
    assert steady_ms() >= first
    assert utc > 1_600_000_000_000


def test_both_clocks_tell_whole_milliseconds(monkeypatch):
    monkeypatch.setattr(launch.time, "time_ns", lambda: 1_773_477_135_999_999_999)
    monkeypatch.setattr(launch.time, "monotonic_ns", lambda: 86_400_000_999_999)
    assert (launch.utc_ms(), launch.steady_ms()) == (1_773_477_135_999, 86_400_000)
    assert type(launch.steady_ms()) is int
