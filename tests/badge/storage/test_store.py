"""The queue: what leaves it, in which order, and what is counted."""

from __future__ import annotations

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from badge.entry import Entry
from badge.storage.memory import MemoryStore
from badge.storage.store import Queue, State


def event(number: int, unix_ms: int | None = None) -> Entry:
    return Entry(number, "motion", {"n": number}, "0.3.1", number * 100, unix_ms)


def filled(count: int, **limits: int) -> MemoryStore:
    store = MemoryStore(Queue(**limits))
    for number in range(1, count + 1):
        store.append(event(number), State(boot_age_ms=number))
    return store


def numbers(queue: Queue) -> list[int]:
    return [entry.sequence_number for entry in queue.entries]


@given(st.integers(0, 40), st.integers(1, 20))
def test_a_full_queue_drops_the_oldest_and_counts_them(count, queue_max):
    queue = filled(count, queue_max=queue_max).queue
    assert numbers(queue) == list(range(1, count + 1))[-queue_max:]
    assert queue.overflow_count == queue.floor == max(0, count - queue_max)
    assert queue.next_sequence == count + 1


@given(st.integers(0, 12), st.sets(st.integers(1, 12)), st.integers(1, 4))
def test_settling_releases_a_prefix_and_keeps_the_refused(through, refused, quarantine_max):
    queue = filled(10, quarantine_max=quarantine_max).queue
    gone = queue.settle(through, dict.fromkeys(refused, "no"))
    assert numbers(queue) == [number for number in range(1, 11) if number > through]
    held = [number for number in sorted(refused) if number <= min(through, 10)]
    assert [item.entry.sequence_number for item in queue.quarantined] == held[-quarantine_max:]
    assert queue.quarantine_count == len(held)
    assert len(gone) == min(through, 10) - len(queue.quarantined)


def test_the_floor_never_falls():
    queue = filled(5).queue
    queue.settle(4, {})
    queue.settle(2, {})
    assert queue.floor == 4


def test_only_what_lacks_its_time_is_stamped():
    queue = Queue(entries=deque([event(1), event(2, unix_ms=9), event(3)]))
    assert [entry.sequence_number for entry in queue.stamp(1000)] == [1, 3]
    assert [entry.unix_ms for entry in queue.entries] == [1100, 9, 1300]
