"""Accepted events as lines of a file, in the order of arrival."""

from __future__ import annotations

import errno
import json

import pytest

from sim.ingest.store.event_file import EventFileStore
from sim.ingest.store.sqlite import StoreUnavailableError

AT = "2026-03-14T08:33:00Z"


def event(number, device_id="ACT-3F8A21B4"):
    return {
        "device_id": device_id,
        "firmware_version": "1.4.2",
        "event_type": "upload_heartbeat",
        "timestamp_utc": "2026-03-14T08:32:15Z",
        "sequence_number": number,
        "payload": {"name": "Đuro [/x]"},
    }


@pytest.fixture
def open_store(tmp_path):
    stores = []

    def made(events=tmp_path / "events.ndjson"):
        stores.append(EventFileStore(str(tmp_path / "ingest.db"), events, said.append))
        return stores[-1]

    said = made.said = []
    yield made
    for store in stores:
        store.close()


def numbers(tmp_path):
    lines = (tmp_path / "events.ndjson").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["sequence_number"] for line in lines]


def fail(store, number):
    """Add a batch to a group that is taken back."""

    def add():
        with store.group():
            store.add_batch([event(number)], AT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        add()


def test_what_came_stands_there_in_its_order_and_what_came_again_again(open_store, tmp_path):
    store = open_store()
    store.add_batch([event(3), event(1)], AT)
    store.add_batch([event(1)], AT)
    assert numbers(tmp_path) == [3, 1, 1]
    assert json.loads((tmp_path / "events.ndjson").read_text().splitlines()[0]) == event(3)
    store.close()
    open_store().add_batch([event(4)], AT)
    assert numbers(tmp_path) == [3, 1, 1, 4]


def test_a_line_is_there_only_after_the_commit_and_what_is_taken_back_leaves_none(
    open_store, tmp_path
):
    store = open_store()
    with store.group():
        store.add_batch([event(1)], AT)
        fail(store, 2)
        store.add_batch([event(3)], AT)
        assert numbers(tmp_path) == []
    assert numbers(tmp_path) == [1, 3]
    fail(store, 4)
    assert numbers(tmp_path) == [1, 3]
    assert [one["sequence_number"] for one in store.events()] == [1, 3]


def test_a_full_disk_ends_the_file_with_a_word_and_never_the_store(open_store, tmp_path):
    full = tmp_path / "full.ndjson"
    full.symlink_to("/dev/full")
    store = open_store(full)
    store.add_batch([event(1)], AT)
    store.add_batch([event(2)], AT)
    assert len(store.events()) == 2
    (words,) = open_store.said
    assert "full.ndjson: the list of events ends here (No space left on device)" in words


class Worn:
    """A file on a disk that fails, also when it is closed."""

    closed = False

    def write(self, _):
        raise OSError(errno.EIO, "Input/output error")

    def close(self):
        raise OSError(errno.EIO, "Input/output error")


def test_a_disk_that_fails_when_it_is_closed_does_not_take_the_store_with_it(open_store):
    store = open_store()
    store._events.close()
    store._events = Worn()
    store.add_batch([event(1)], AT)
    assert len(store.events()) == 1
    assert "ends here (Input/output error)" in open_store.said[0]
    store.close()
    with pytest.raises(StoreUnavailableError, match="closed"):
        store.events()


def test_a_folder_that_is_not_there_is_named(open_store, tmp_path):
    with pytest.raises(OSError, match=r"none/events\.ndjson"):
        open_store(tmp_path / "none" / "events.ndjson")
