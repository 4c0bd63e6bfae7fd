"""The store: each event once, all or nothing, and a disk that is full or taken."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.errors import InputError, MisuseError
from sim.ingest.api.ingest import Ingest, Rules
from sim.ingest.store.keys import hash_key
from sim.ingest.store.sqlite import SqliteStore, StoreUnavailableError
from sim.ingest.store.values import Added
from tests.sim.ingest.site import BADGE, NOW_MS, OTHER, PAYLOADS, batch, event, raw
from tests.strategies import events, unhurried

AT = "2026-03-14T08:32:15.000Z"
SENDINGS = st.lists(
    st.tuples(
        st.sampled_from([BADGE, OTHER]),
        st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=1, max_size=12),
    ),
    max_size=12,
)


@given(SENDINGS)
@settings(deadline=None)
def test_any_mixture_of_batches_and_resends_leaves_each_valid_event_once(sendings):
    kept, accepted = set(), 0
    with closing(SqliteStore(":memory:")) as store:
        ingest = Ingest(store, lambda: NOW_MS, Rules(open=True))
        for device, numbers in sendings:
            sent = [
                event(n, device=device) if good else event(n, device=device, payload={})
                for n, good in numbers
            ]
            answer = ingest.post_events({}, raw(sent))
            good = [n for n, is_good in numbers if is_good]
            assert answer.body["accepted"] == len(good)
            accepted += len(good)
            kept |= {(device, n) for n in good}
        assert store.events() == [event(n, device=device) for device, n in sorted(kept)]
        counts = store.counts()
        assert (counts.events, counts.duplicates) == (len(kept), accepted - len(kept))
        assert counts.conflicts == 0


def test_an_event_comes_back_as_it_was_sent(store):
    odd = {"note": "é\u0000\U0001f600", "big": 2**80, "list": [None, {}], "low": 1e-7}
    sent = event(2**63 - 1, payload={**PAYLOADS["gps"], **odd})
    store.add_batch([sent], AT)
    assert store.events(BADGE) == [sent]
    assert store.events(OTHER) == []


@given(st.data())
@unhurried
def test_every_valid_event_survives_the_table(data):
    sent = data.draw(events())
    with closing(SqliteStore(":memory:")) as store:
        assert store.add_batch([sent], AT) == Added(1, 0, 0)
        assert store.add_batch([sent], AT) == Added(0, 1, 0)
        assert store.events() == [sent]


def test_a_key_with_other_content_is_counted_and_not_written(store):
    store.add_batch([event(1), event(2)], AT)
    other = event(1, "shift_start")
    assert store.add_batch([other, event(2), event(3)], AT) == Added(1, 2, 1)
    assert store.add_batch([other], AT) == Added(0, 1, 1)
    assert store.events() == [event(1), event(2), event(3)]
    [conflict] = store.conflicts()
    assert (conflict.device_id, conflict.sequence_number, conflict.times) == (BADGE, 1, 2)
    assert store.counts().conflicts == 2


def test_order_of_keys_and_kind_of_number_make_no_conflict(store):
    store.add_batch([event(1, payload={"a": 5, "b": 1})], AT)
    assert store.add_batch([event(1, payload={"b": 1.0, "a": 5})], AT) == Added(0, 1, 0)


def test_a_second_of_the_same_key_within_a_batch_is_a_conflict_too(store):
    assert store.add_batch([event(1), event(1, "shift_start")], AT) == Added(1, 1, 1)


def test_a_batch_of_several_devices_is_a_mistake_of_the_caller(store):
    with pytest.raises(MisuseError, match=r"^a batch holds events of exactly one device$"):
        store.add_batch([event(1), event(1, device=OTHER)], AT)


def wear_out(store, *numbers):
    """Let SQLite refuse these numbers half-way through a batch."""
    for number in numbers:
        store._db.execute(
            f"CREATE TRIGGER bad{number} BEFORE INSERT ON raw_events "
            f"WHEN NEW.sequence_number = {number} BEGIN SELECT RAISE(FAIL, 'worn out'); END"
        )


def test_a_batch_that_fails_half_way_leaves_nothing(store):
    wear_out(store, 3)
    with pytest.raises(StoreUnavailableError, match="worn out"):
        store.add_batch(batch(1, 2, 3), AT)
    assert store.events() == []
    assert store.counts().events == 0


def test_one_failed_batch_of_a_group_leaves_the_others(store):
    wear_out(store, 3)
    with store.group():
        store.add_batch(batch(1), AT)
        with pytest.raises(StoreUnavailableError):
            store.add_batch(batch(2, 3), AT)
        store.add_batch(batch(4), AT)
    assert [kept["sequence_number"] for kept in store.events()] == [1, 4]
    assert store.counts().events == 2


def rolled_back_half_way(store, error):
    with store.group():
        store.add_batch(batch(1), AT)
        raise error


def test_a_group_that_fails_leaves_nothing(store):
    with pytest.raises(KeyError):
        rolled_back_half_way(store, KeyError())
    assert store.events() == []


def rolled_back_by_sqlite(store):
    with store.group():
        store.add_batch(batch(1), AT)
        store._db.execute("ROLLBACK")
        with pytest.raises(StoreUnavailableError):
            store.add_batch(batch(2), AT)


def test_a_group_that_sqlite_rolled_back_takes_nothing_more(store):
    with pytest.raises(StoreUnavailableError):
        rolled_back_by_sqlite(store)
    assert store.events() == []
    assert store.add_batch(batch(1), AT) == Added(1, 0, 0)


def test_a_full_disk_answers_503_and_recovers(tmp_path):
    with closing(SqliteStore(tmp_path / "x.db")) as store:
        ingest = Ingest(store, lambda: NOW_MS, Rules(open=True))
        pages = store._db.execute("PRAGMA page_count").fetchone()[0]
        store._db.execute(f"PRAGMA max_page_count = {pages + 2}")
        answers = [ingest.post_events({}, raw(batch(*range(n, n + 50)))) for n in range(1, 301, 50)]
        assert answers[0].status == 202
        assert answers[-1].status == 503
        assert answers[-1].headers == {"Retry-After": "30"}
        assert answers[-1].body == {
            "error": "The store is unavailable: database or disk is full",
            "code": "store_unavailable",
            "accepted": 0,
        }
        kept = sum(answer.body["accepted"] for answer in answers)
        assert len(store.events()) == store.counts().events == kept
        store._db.execute(f"PRAGMA max_page_count = {pages + 1000}")
        assert ingest.post_events({}, raw(batch(*range(251, 301)))).status == 202


def test_a_database_locked_by_somebody_answers_503_and_recovers(tmp_path):
    path = tmp_path / "x.db"
    with closing(SqliteStore(path)) as store, closing(sqlite3.connect(path)) as somebody:
        store._db.execute("PRAGMA busy_timeout = 1")
        ingest = Ingest(store, lambda: NOW_MS, Rules(open=True))
        somebody.execute("BEGIN IMMEDIATE")
        assert ingest.post_events({}, raw(batch(1))).status == 503
        assert ingest.get_health().status == 503
        somebody.rollback()
        assert ingest.post_events({}, raw(batch(1))).status == 202
        assert ingest.get_health().status == 200


def test_what_was_kept_is_there_after_opening_again(tmp_path):
    path = tmp_path / "x.db"
    with closing(SqliteStore(path)) as store:
        store.add_batch(batch(1, 2), AT)
        assert store._db.execute("PRAGMA synchronous").fetchone() == (2,)
        assert store._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    with closing(SqliteStore(path)) as store:
        assert store.add_batch(batch(2, 3), AT) == Added(1, 1, 0)


def test_a_file_of_something_else_is_refused(tmp_path):
    (tmp_path / "words").write_text("hello " * 1000)
    with pytest.raises(InputError, match=r"words: .*\(file is not a database\): name another"):
        SqliteStore(tmp_path / "words")
    with closing(sqlite3.connect(tmp_path / "foreign.db")) as foreign:
        foreign.execute("CREATE TABLE treasure (x)")
    with pytest.raises(InputError, match=r"foreign\.db"):
        SqliteStore(tmp_path / "foreign.db")
    with pytest.raises(InputError, match=r"nowhere.*\(unable to open database file\)"):
        SqliteStore(tmp_path / "nowhere" / "x.db")
    words = "--db: the name is empty; name a file, or :memory: to keep nothing"
    with pytest.raises(InputError, match=f"^{words}$"):
        SqliteStore(" ")


def test_a_new_store_has_no_key_of_a_role_and_the_last_one_counts(store):
    assert store.service_key("admin") is None
    for key in (hash_key("first"), hash_key("second")):
        store.set_service_key("admin", key)
    assert store.service_key("admin") == key


def test_the_table_has_the_columns_of_the_contract(store):
    columns = [row[1] for row in store._db.execute("PRAGMA table_info(raw_events)")]
    assert columns == [
        *("device_id", "sequence_number", "event_type", "event_timestamp"),
        *("payload", "firmware_version", "received_at"),
    ]
    store.add_batch([event(7)], AT)
    row = store._db.execute("SELECT * FROM raw_events").fetchone()
    assert row[:4] == (BADGE, 7, "gps", "2026-03-14T08:32:15Z")
    assert row[5:] == ("0.3.1", AT)
