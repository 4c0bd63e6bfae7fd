"""What is counted, and what is told when there is too much of it."""

import pytest

from sim.load.arrivals import Arrivals, constant
from sim.load.counts import LABELS_MAX, LoadCounts, label
from sim.net.answer_reader import AnswerReader
from tests.sim.load.backends import answer


@pytest.mark.parametrize("arrivals", [constant(1000.0, 10.0), Arrivals(1.0, 2000.0, 10.0)])
@pytest.mark.parametrize("due", [0, 1, 500])
def test_those_that_were_due_and_not_sent_are_exactly_those(arrivals, due):
    counts = LoadCounts(due=due, seconds=7.0)
    counts.count_unsent(arrivals, 2)
    wanted = sum(arrivals.at_ns(n) <= 7_000_000_000 for n in range(due, arrivals.total))
    assert counts.unsent == wanted + 2
    assert counts.latencies.count == wanted
    assert counts.due == due + wanted


def test_millions_of_them_cost_nothing():
    counts = LoadCounts(seconds=3600.0)
    counts.count_unsent(constant(1e6, 3600.0), 0)
    assert counts.unsent == 3_600_000_000
    assert counts.latencies.percentile_ms(50.0) == pytest.approx(1_800_000, rel=0.01)


def test_a_backend_with_a_new_reason_each_time_fills_no_memory():
    counts = LoadCounts()
    for number in range(LABELS_MAX * 3):
        counts.note(f"500 {number}")
    assert len(counts.labels) == LABELS_MAX + 1
    assert sum(counts.labels.values()) == LABELS_MAX * 3


def test_a_full_core_of_this_side_is_told():
    assert LoadCounts(seconds=10.0, cpu_s=9.5).limited
    assert not LoadCounts(seconds=10.0, cpu_s=2.0).limited


def read(content):
    reader = AnswerReader(1000)
    reader.feed(content)
    return reader


def test_digits_of_a_reason_are_no_reason_of_their_own():
    said = answer(413, b'{"error":"Batch limit is 500 events. Received 612."}')
    assert label(read(said)) == "413 Batch limit is ### events. Received ###."


def test_one_that_says_no_reason_is_its_status():
    assert label(read(answer(503, b"<html>"))) == "503"
