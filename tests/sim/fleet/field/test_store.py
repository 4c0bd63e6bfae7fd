from badge.entry import Entry
from badge.storage.store import State
from sim.engine.clock import Clock
from sim.fleet.field.store import TruthStore


def filled(count, queue_max=2000):
    store = TruthStore(Clock())
    store.queue.queue_max = queue_max
    for number in range(1, count + 1):
        store.append(Entry(number, "gps", {}, "0.3.0", 0, 0), State(worker_id="Ana"))
    return store


def fates(store):
    return [(row.entry.sequence_number, row.arrived, row.why) for row in store.settled]


def test_every_event_ends_in_one_fate():
    store = filled(7, queue_max=6)
    store.arrive(2, 4, {3: "no"})
    store.settle(4, {3: "no"})
    store.arrive(5, 5, {})
    store.finish("queued")
    assert fates(store) == [
        (1, False, "overflowed"),
        (2, True, None),
        (3, False, "quarantined"),
        (4, True, None),
        (5, True, None),  # the answer was lost, the event was not
        (6, False, "queued"),
        (7, False, "queued"),
    ]


def test_what_arrived_before_it_overflowed_is_delivered():
    store = filled(2, queue_max=2)
    store.arrive(1, 2, {})
    store.append(Entry(3, "gps", {}, "0.3.0", 0, 0), State())
    assert fates(store) == [(1, True, None)]


def test_the_worker_of_a_shift_end_is_the_one_it_names():
    store = TruthStore(Clock())
    store.append(Entry(1, "shift_end", {"worker_id": "Ana"}, "0.3.0", 0, 0), State())
    store.finish("battery")
    assert store.settled[0].worker_id == "Ana"
    assert store.settled[0].why == "battery"


def test_the_word_that_an_event_arrived_may_come_after_it_overflowed():
    store = filled(3, queue_max=2)
    store.arrive(1, 2, {})
    store.finish("queued")
    assert fates(store) == [(1, True, None), (2, True, None), (3, False, "queued")]
