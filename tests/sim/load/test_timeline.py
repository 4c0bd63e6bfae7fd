"""Latency over time."""

from sim.load.counts import LoadCounts
from sim.load.timeline import LatencyTimeline


def load(timeline, *batches):
    """Tell a timeline of (second until then, latencies in µs, labels)."""
    counts = LoadCounts()
    for second, latencies_us, labels in batches:
        counts.seconds = second
        for us in latencies_us:
            counts.latencies.note(us)
        for label in labels:
            counts.note(label)
        timeline.told(counts)
    return counts


def figures(timeline):
    return [
        (one.from_s, one.until_s, one.answers, *map(one.percentile_ms, (50, 99, 100)), one.failed)
        for one in timeline.slices()
    ]


def test_each_second_has_its_latencies_and_failures():
    told = []
    timeline = LatencyTimeline(told.append)
    load(timeline, (0.2, [1000], ["202"]), (1.1, [2000, 3000], ["202"] * 2), (1.5, [9000], ["401"]))
    assert len(told) == 3
    assert figures(timeline) == [(0, 1, 3, 2.0, 3.0, 3.0, 0), (1, 2, 1, 9.0, 9.0, 9.0, 1)]


def test_a_second_in_which_nothing_was_answered_and_something_failed_is_there():
    timeline = LatencyTimeline()
    load(timeline, (0.2, [1000], ["202"]), (1.1, [], []), (1.9, [], ["no connection"]))
    assert [(one.from_s, one.answers, one.failed) for one in timeline.slices()] == [
        (0, 1, 0),
        (1, 0, 1),
    ]


def test_a_long_load_has_wider_slices_and_nothing_is_lost():
    timeline = LatencyTimeline(slices_max=4)
    load(timeline, *((second + 1, [100 + second], ["500"]) for second in range(13)))
    assert timeline.width_s == 4
    assert [(one.from_s, one.until_s, one.answers, one.failed) for one in timeline.slices()] == [
        (0, 4, 4, 4),
        (4, 8, 4, 4),
        (8, 12, 4, 4),
        (12, 16, 1, 1),
    ]
