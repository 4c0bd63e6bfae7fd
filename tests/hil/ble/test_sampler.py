from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError, MisuseError
from hil.ble.sampler import PENDING_MAX, Cycle, Sampler

TAG, OTHER = "AA:BB:CC:DD:EE:01", "AA:BB:CC:DD:EE:02"
valid = st.integers(-126, 20).filter(bool)
reports = st.lists(st.tuples(st.integers(0, 1000), st.sampled_from([TAG, OTHER]), valid))


def scanning(tags=None, period=100, count=10) -> Sampler:
    sampler = Sampler(tags)
    sampler.up(0)
    for i in range(count):
        sampler.begin(i * period, (i + 1) * period)
    return sampler


@given(reports, st.lists(st.integers(0, 1100)))
def test_every_sample_is_in_its_right_cycle_whenever_cycles_are_closed(told, closings):
    """Samples come in the order of time; closing happens in between, at any moment."""
    sampler, closed = scanning(), []
    moments = [(at, 0, (at, mac, rssi)) for at, mac, rssi in told]
    moments += [(at, 1, None) for at in closings]
    for at, _, report in sorted(moments, key=lambda moment: moment[0]):
        if report is None:
            closed += sampler.close(at)
        else:
            sampler.hear(*report)
    closed += sampler.close(1000)
    inside = sorted((r for r in told if r[0] < 1000), key=lambda r: r[0])
    for i, cycle in enumerate(closed):
        assert (cycle.start_ns, cycle.end_ns) == (i * 100, (i + 1) * 100)
        assert cycle.heard == tuple((mac, rssi) for at, mac, rssi in inside if at // 100 == i)
    assert sampler.counts.sampled == len(inside)
    assert sampler.counts.late == 0


@given(st.integers(0, 10), st.integers(1, 5))
def test_a_sample_on_an_edge_belongs_to_the_cycle_that_begins_there(edge, period):
    sampler = scanning(period=period, count=12)
    sampler.hear(edge * period, TAG, -60)
    cycles = sampler.close(12 * period)
    assert [i for i, cycle in enumerate(cycles) if cycle.heard] == [edge]


def test_what_is_heard_before_its_cycle_is_opened_waits_for_it():
    sampler = scanning(count=1)
    sampler.hear(100, TAG, -60)
    assert sampler.close(130)[0].heard == ()
    sampler.begin(100, 200)
    assert sampler.close(200)[0].heard == ((TAG, -60),)


def test_what_lies_between_two_cycles_is_counted_and_in_neither():
    sampler = scanning(count=1)
    sampler.close(100)
    sampler.hear(150, TAG, -60)
    sampler.begin(200, 300)
    assert sampler.close(300)[0].heard == ()
    assert sampler.counts.unasked == 1


def test_a_sample_of_a_closed_cycle_is_late_and_counted():
    sampler = scanning(count=2)
    sampler.close(100)
    sampler.hear(99, TAG, -60)
    assert sampler.counts.late == 1
    assert sampler.close(200)[0].heard == ()


@given(st.integers(0, 1000), st.integers(0, 300))
def test_exactly_the_cycles_that_the_down_time_touches_are_no_sample(since, length):
    sampler = scanning()
    sampler.down(since)
    sampler.up(since + length)
    touched = {t // 100 for t in range(since, since + max(length, 1))}
    cycles = sampler.close(1000)
    assert {i for i, cycle in enumerate(cycles) if cycle.heard is None} == {
        i for i in touched if i < 10
    }


def test_a_scanner_is_down_until_it_is_up_and_after_it_went_down():
    sampler = Sampler()
    for i in range(4):
        sampler.begin(i * 100, (i + 1) * 100)
    sampler.up(100)
    sampler.hear(150, TAG, -60)
    sampler.down(250)
    sampler.hear(260, TAG, -60)
    heard = [cycle.heard for cycle in sampler.close(400)]
    assert heard == [None, ((TAG, -60),), None, None]
    assert sampler.counts.down == 1


@given(reports, st.lists(st.tuples(st.integers(0, 1000), st.booleans())))
def test_nothing_disappears_uncounted(told, changes):
    sampler = scanning()
    moments = [(at, (mac, rssi)) for at, mac, rssi in told] + changes
    for at, what in sorted(moments, key=lambda moment: moment[0]):
        if isinstance(what, tuple):
            sampler.hear(at, *what)
        else:
            (sampler.up if what else sampler.down)(at)
    cycles = sampler.close(1000)
    counts = sampler.counts
    waiting = sum(at >= 1000 for at, _, _ in told)
    assert sum(len(cycle.heard or ()) for cycle in cycles) == counts.sampled
    assert counts.sampled + counts.down + waiting == len(told)


@pytest.mark.parametrize("rssi_dbm", [-127, 127, 0, None, -128, 21])
def test_a_value_that_is_no_strength_is_dropped_and_counted(rssi_dbm):
    sampler = scanning()
    assert not sampler.hear(50, TAG, rssi_dbm)
    assert sampler.close(100)[0].heard == ()
    assert sampler.counts.invalid == 1


def test_a_report_in_which_only_the_hosts_own_state_changed_is_a_phantom():
    sampler = scanning()
    told = [(-61, "advert", "idle"), (-61, "advert", "connected"), (-61, "advert", "connected")]
    taken = [sampler.hear(i, TAG, *report) for i, report in enumerate(told)]
    assert taken == [True, False, True]
    assert sampler.counts.phantom == 1
    assert len(sampler.close(100)[0].heard) == 2


@pytest.mark.parametrize("report", [(-62, "advert", "connected"), (-61, "other", "connected")])
def test_a_new_strength_or_content_is_no_phantom(report):
    sampler = scanning()
    sampler.hear(0, TAG, -61, "advert", "idle")
    assert sampler.hear(1, TAG, *report)


def test_tags_are_found_in_any_spelling_and_others_are_counted():
    sampler = scanning(tags=["aa-bb-cc-dd-ee-01"])
    sampler.hear(1, "aabbccddee01", -60)
    sampler.hear(2, OTHER, -60)
    assert sampler.close(100)[0].heard == ((TAG, -60),)
    assert sampler.counts.other == 1


def test_a_tag_may_be_known_by_what_it_says():
    def by_content(address, payload):
        return payload

    sampler = Sampler([TAG], identify=by_content)
    sampler.up(0)
    sampler.begin(0, 100)
    sampler.hear(1, "0E7C1A3B-1111-2222-3333-444455556666", -60, TAG)
    sampler.hear(2, "0E7C1A3B-1111-2222-3333-444455556666", -60, None)
    assert sampler.close(100)[0].heard == ((TAG, -60),)


def test_a_macos_uuid_is_refused_with_what_to_do():
    with pytest.raises(InputError, match=r"macOS.*Linux"):
        scanning().hear(1, "0E7C1A3B-1111-2222-3333-444455556666", -60)


def test_cycles_that_overlap_or_are_empty_are_misuse():
    sampler = scanning(count=1)
    for start, end in ((50, 150), (200, 200)):
        with pytest.raises(MisuseError):
            sampler.begin(start, end)


def test_an_abandoned_cycle_leaves_its_samples_to_the_next():
    sampler = scanning(count=1)
    sampler.hear(50, TAG, -60)
    sampler.abandon()
    sampler.begin(10, 60)
    assert sampler.close(60) == [Cycle(10, 60, ((TAG, -60),))]


def test_a_radio_that_nobody_asks_fills_no_memory():
    sampler = Sampler()
    for i in range(PENDING_MAX + 5):
        sampler.hear(i, TAG, -60 - i % 9)
    assert sampler.counts.unasked == 5
