from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from badge.entry import Entry
from badge.storage import codec
from badge.storage.codec import BootBody, Checkpoint, EventBody, ReleaseBody, StampBody
from badge.storage.record import RecordKind
from badge.storage.store import State

numbers = st.integers(0, 2**63 - 1)
counts = st.integers(0, 2**40)
states = st.builds(
    State,
    boot_age_ms=counts,
    worker_id=st.none() | st.text(max_size=20),
    low_armed=st.booleans(),
    installed_version=st.sampled_from(["", "0.3.1"]),
)
payloads = st.dictionaries(
    st.text(max_size=8), st.none() | st.booleans() | st.integers(-5, 2**40) | st.text(max_size=9)
)
entries = st.builds(
    Entry,
    sequence_number=st.integers(1, 2**63 - 1),
    event_type=st.sampled_from(["gps", "motion", "reboot"]),
    payload=payloads,
    firmware_version=st.just("1.2.3"),
    age_ms=counts,
    unix_ms=st.none() | counts,
)


@st.composite
def ranges(draw: st.DrawFn, most: int = 30):
    at, found = draw(counts), []
    for gap, length in draw(
        st.lists(st.tuples(st.integers(2, 90), st.integers(0, 3)), max_size=most)
    ):
        found.append((at + gap, at + gap + length))
        at += gap + length
    return tuple(found)


checkpoints = st.builds(Checkpoint, numbers, numbers, counts, counts, counts, ranges(), states)


@given(checkpoints)
def test_a_checkpoint_is_read_as_it_was_packed(point):
    assert codec.read_body(RecordKind.CHECKPOINT, 1, codec.pack_checkpoint(point)) == point


@given(
    checkpoints, st.lists(st.tuples(st.integers(1, 7), numbers, st.binary(max_size=9)), max_size=2)
)
def test_a_boot_carries_records(point, carried):
    body = codec.pack_boot(point, tuple(carried))
    assert codec.read_body(RecordKind.BOOT, 1, body) == BootBody(point, tuple(carried))


@given(entries, st.none() | states, counts, counts, st.none() | st.text(max_size=9))
def test_an_event_is_read_as_it_was_packed(entry, state, floor, overflow, reason):
    whole = EventBody(entry, state, floor, overflow, reason)
    packed = codec.pack_event(whole)
    plain = state is None and floor == 0 and reason is None
    wanted = EventBody(entry) if plain else whole
    assert codec.read_body(RecordKind.EVENT, entry.sequence_number, packed) == wanted


@given(numbers, counts, st.dictionaries(counts, st.text(max_size=60), max_size=4))
def test_a_release_is_read_as_it_was_packed(following, count, rejected):
    release = ReleaseBody(following, count, rejected)
    assert codec.read_body(RecordKind.RELEASE, 9, codec.pack_release(release)) == release


@given(numbers, counts, states)
def test_the_small_records_say_the_next_number_too(following, value, state):
    packed = codec.pack_values
    assert codec.read_body(RecordKind.STAMP, 1, packed(following, value)) == StampBody(
        following, value
    )
    assert codec.read_body(RecordKind.AGE, 1, packed(following)) == following
    body = packed(following, *codec.pack_state(state))
    assert codec.read_body(RecordKind.STATE, 0, body) == (following, state)


@given(st.integers(1, 7), numbers, st.binary(max_size=80))
def test_a_body_of_any_bytes_is_read_or_none(kind, number, body):
    codec.read_body(kind, number, body)


@given(checkpoints, st.integers(30, 90))
def test_too_many_ranges_are_joined_until_they_fit_and_none_is_forgotten(point, room):
    fitted = codec.fitting(point, room)
    assert len(fitted.skipped) <= 2 or len(codec.pack_checkpoint(fitted)) <= room
    for first, last in point.skipped:
        assert any(a <= first and last <= b for a, b in fitted.skipped)


@given(counts, st.dictionaries(st.integers(1, 60), st.text(max_size=90), max_size=30))
def test_release_steps_settle_growing_prefixes_and_refuse_each_number_once(through, rejected):
    steps = codec.release_steps(through, rejected)
    bounds = [bound for bound, _ in steps]
    assert bounds == sorted(bounds)
    assert bounds[-1] == through or not steps
    refused = [number for _, part in steps for number in part]
    assert refused == sorted(number for number in rejected if number <= through)
    assert all(len(part) <= 4 and max(part, default=0) <= bound for bound, part in steps)
