"""Settings that the events tell of."""

import pytest

from badge.errors import InputError
from sim.reconstruct.seen import seen
from sim.reconstruct.settings import settings_of
from tests.sim.reconstruct.test_seen import event


def read(events, **given):
    return settings_of("ACT-0000000A", seen(events, "x"), given)


def test_tags_thresholds_and_timeouts_are_read_off():
    near = {"tag_mac": "AA:00:00:00:00:01", "rssi": -84, "detection_count": 2}
    config = read([event(1, "ble_proximity", 1, near), event(2, "gps_no_fix", 2, {"timeout_s": 7})])
    assert config.known_equipment_tags == ["AA:00:00:00:00:01"]
    assert (config.ble_rssi_threshold, config.ble_detection_count_threshold) == (-84, 2)
    assert config.gps_timeout_s == 7


@pytest.mark.parametrize(("step", "interval"), [(15, 15), (5, 5), (14, 15), (60, 15)])
def test_the_interval_is_the_usual_gap(step, interval):
    events = [
        {
            **event(n, "gps", 0),
            "timestamp_utc": f"2026-03-14T08:{n * step // 60:02}:{n * step % 60:02}Z",
        }
        for n in range(1, 13)
    ]
    assert read(events).gps_interval_s == interval


def test_what_is_given_counts_first_and_a_mistake_is_one_sentence():
    assert read([event(1, "gps", 1)], gps_interval_s=40).gps_interval_s == 40
    with pytest.raises(InputError, match="--config: gps_interval_s"):
        read([event(1, "gps", 1)], gps_interval_s=0)
