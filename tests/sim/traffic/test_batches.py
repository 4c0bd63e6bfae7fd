"""Batches in a spool, changed on their way out, in the order in which they went."""

import json

import pytest

from badge.errors import InputError
from sim.traffic.batches import Batch, Rewriting, Spool, in_order, shifted


def body(device="ACT-0000000A", numbers=(1, 2), at="2026-03-14T08:00:00Z"):
    events = [
        {"device_id": device, "sequence_number": n, "timestamp_utc": at, "payload": {}}
        for n in numbers
    ]
    return json.dumps(events).encode()


def test_a_spool_gives_every_body_back():
    with Spool() as spool:
        kept = [spool.keep(n, body(numbers=range(1, n + 2)), "x") for n in range(5)]
        for n, batch in enumerate(kept):
            assert spool.body(batch) == body(numbers=range(1, n + 2))
            assert (batch.first_sequence, batch.last_sequence, batch.count) == (1, n + 1, n + 1)


@pytest.mark.parametrize(
    "raw",
    [b"{}", b"[]", b"[1]", b'[{"device_id":"A"}]', b'[{"sequence_number":1}]', b"[", body()[:-1]],
)
def test_what_is_no_batch_is_one_sentence_with_its_place(raw):
    with Spool() as spool, pytest.raises(InputError, match=r"^file line 3: "):
        spool.keep(0, raw, "file line 3")


def test_two_devices_make_no_batch():
    mixed = json.loads(body()) + json.loads(body("ACT-0000000B"))
    with Spool() as spool, pytest.raises(InputError, match="one device_id"):
        spool.keep(0, json.dumps(mixed).encode(), "x")


def test_a_change_moves_the_times_and_renames_and_nothing_else():
    change = Rewriting(3600, (("ACT-0000000A", "ACT-0000000B"),))
    before, after = json.loads(body()), json.loads(change.body(body()))
    for old, new in zip(before, after, strict=True):
        assert new.pop("timestamp_utc") == "2026-03-14T09:00:00Z"
        assert new.pop("device_id") == "ACT-0000000B"
        del old["timestamp_utc"], old["device_id"]
        assert new == old


def test_what_is_not_changed_keeps_its_bytes():
    odd = body().replace(b'": ', b'"  :  ')
    assert Rewriting().body(odd) == odd


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"),
        ("2026-03-14T08:00:00.123456789Z", "2026-03-14T08:00:01.123456789Z"),
        ("soon", "soon"),
        (7, 7),
    ],
)
def test_a_moment_is_moved_and_what_is_none_stays(before, after):
    assert shifted(before, 1) == after


def test_a_device_never_overtakes_itself():
    made = [
        Batch(ms, device, n, n, 1, 0, 0)
        for n, (ms, device) in enumerate([(50, "A"), (10, "A"), (60, "A"), (20, "B")])
    ]
    ordered = in_order(made, lambda batch: True)
    assert [(b.device_id, b.first_sequence) for b in ordered] == [
        ("B", 3),
        ("A", 0),
        ("A", 1),
        ("A", 2),
    ]
