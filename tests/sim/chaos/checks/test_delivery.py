"""The end of a run: what the store lacks, holds too much of, or holds otherwise is seen."""

from __future__ import annotations

from contextlib import closing

import pytest

from sim.chaos.checks.delivery import check_delivery
from sim.ingest.store.sqlite import SqliteStore
from tests.sim.chaos.checks.rig import CONFIG, Life, broken


@pytest.fixture
def store():
    with closing(SqliteStore(":memory:")) as store:
        yield store


def delivered(life: Life, store: SqliteStore, *numbers: int, **change: object) -> None:
    """Put events into the store, one of them changed, and settle them on the badge."""
    events = [life.checks.events[number].event(CONFIG.device_id) | change for number in numbers]
    store.add_batch(events, "2026-03-14T00:00:00Z")
    life.stored.update(numbers)
    life.settle(max(life.checks.events))


def test_a_store_that_holds_everything_once_is_right(life, store):
    life.log()
    delivered(life, store, 1, 2)
    check_delivery(life.checks, set(), store)


def test_what_still_waits_is_not_delivered(life, store):
    with broken("delivery"):
        check_delivery(life.checks, set(), store)


def test_what_was_refused_by_right_need_not_be_there(life, store):
    life.log()
    life.refused.add(2)
    store.add_batch([life.checks.events[1].event(CONFIG.device_id)], "2026-03-14T00:00:00Z")
    life.stored |= {1}
    life.perform(tuple(life.journal.settle(2, {2: "bad"})))
    life.checks.finished(life.journal, CONFIG)
    check_delivery(life.checks, {2}, store)
    with broken("delivery"):
        check_delivery(life.checks, set(), store)


def test_an_event_that_was_never_logged_is_seen(life, store):
    delivered(life, store, 1)
    stranger = life.checks.events[1].event(CONFIG.device_id) | {"sequence_number": 9}
    store.add_batch([stranger], "2026-03-14T00:00:00Z")
    with broken("delivery"):
        check_delivery(life.checks, set(), store)


def test_an_event_with_another_content_is_seen(life, store):
    delivered(life, store, 1, firmware_version="9.9.9")
    with broken("delivery"):
        check_delivery(life.checks, set(), store)


def test_a_number_that_came_with_two_contents_is_seen(life, store):
    delivered(life, store, 1)
    other = life.checks.events[1].event(CONFIG.device_id) | {"firmware_version": "9.9.9"}
    store.add_batch([other], "2026-03-14T00:00:00Z")
    with broken("J4"):
        check_delivery(life.checks, set(), store)
