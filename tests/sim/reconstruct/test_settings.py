"""Settings that the events tell of."""

from datetime import UTC, datetime, timedelta
from itertools import accumulate

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


def polls(*gaps_s, kind="gps", payload=None):
    start = datetime(2026, 3, 14, 8, tzinfo=UTC)
    moments = [start + timedelta(seconds=second) for second in accumulate(gaps_s)]
    return [
        {**event(n, kind, 0, payload), "timestamp_utc": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
        for n, moment in enumerate(moments, 1)
    ]


@pytest.mark.parametrize(
    ("gaps_s", "interval_s"),
    [
        ([15] * 12, 15),
        ([5] * 12, 5),
        ([14] * 12, 15),
        ([60] * 12, 60),  # at rest or not, no poll came sooner
        ([58, 61, 63], 60),
        ([15, 15, *[60] * 12], 15),  # at rest after a while
    ],
)
@pytest.mark.parametrize(("kind", "payload"), [("gps", None), ("gps_no_fix", {"timeout_s": 10})])
def test_the_interval_is_the_usual_gap(gaps_s, interval_s, kind, payload):
    assert read(polls(0, *gaps_s, kind=kind, payload=payload)).gps_interval_s == interval_s


def test_what_is_given_counts_first_and_a_mistake_is_one_sentence():
    assert read([event(1, "gps", 1)], gps_interval_s=40).gps_interval_s == 40
    with pytest.raises(InputError, match="--config: gps_interval_s"):
        read([event(1, "gps", 1)], gps_interval_s=0)
