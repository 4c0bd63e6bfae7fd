"""Where the bodies of records bend: what is joined, what is left out, what is no body."""

from __future__ import annotations

import cbor2
import pytest

from badge.entry import Entry
from badge.storage import codec
from badge.storage.codec import Checkpoint, EventBody
from badge.storage.record import RecordKind
from badge.storage.store import State

RANGES = ((10, 11), (20, 24), (25, 29), (40, 42), (44, 50))


def point(*ranges):
    return Checkpoint(100, 0, 0, 0, 0, ranges, State())


def size(*ranges):
    return len(codec.pack_checkpoint(point(*ranges)))


def test_what_fits_exactly_stays_as_it_is():
    assert codec.fitting(point(*RANGES), size(*RANGES)) == point(*RANGES)


def test_the_closest_two_are_joined_first_and_of_equals_the_older():
    four = ((10, 11), (20, 29), (40, 42), (44, 50))
    three = ((10, 11), (20, 29), (40, 50))
    assert codec.fitting(point(*RANGES), size(*RANGES) - 1) == point(*four)
    assert codec.fitting(point(*RANGES), size(*four) - 1) == point(*three)
    # The second of the closest two is long: what counts is what lies between.
    uneven = ((10, 11), (13, 40), (50, 51))
    assert codec.fitting(point(*uneven), size(*uneven) - 1).skipped == ((10, 40), (50, 51))
    evenly = ((1, 2), (12, 13), (23, 24), (34, 35))
    assert codec.fitting(point(*evenly), size(*evenly) - 1).skipped[0] == (1, 13)


def test_two_ranges_fit_into_any_opening():
    assert codec.fitting(point(*RANGES), 0).skipped == ((10, 29), (40, 50))
    assert codec.fitting(point(*RANGES[:2]), 0) == point(*RANGES[:2])


ENTRY = Entry(7, "motion", {"state": "moving"}, "1.2.3", 5, None)


@pytest.mark.parametrize(
    ("body", "values"),
    [
        (EventBody(ENTRY), 5),
        (EventBody(ENTRY, floor=1), 9),
        (EventBody(ENTRY, State()), 9),
        (EventBody(ENTRY, quarantine_reason="r"), 9),
    ],
)
def test_an_event_says_only_what_it_brought(body, values):
    packed = codec.pack_event(body)
    assert len(cbor2.loads(packed)) == values
    assert codec.read_body(RecordKind.EVENT, 7, packed) == body


def test_a_release_whose_last_is_refused_needs_no_step_more():
    assert codec.release_steps(9, {9: "r"}) == [(9, {9: "r"})]
    assert codec.release_steps(9, {8: "r"}) == [(8, {8: "r"}), (9, {})]


def test_a_range_without_its_end_is_no_checkpoint():
    values = cbor2.loads(codec.pack_checkpoint(point((10, 11))))
    assert codec.read_body(RecordKind.CHECKPOINT, 1, cbor2.dumps(values)) == point((10, 11))
    values[5].append(3)
    assert codec.read_body(RecordKind.CHECKPOINT, 1, cbor2.dumps(values)) is None
