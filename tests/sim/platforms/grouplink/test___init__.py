from __future__ import annotations

import json
from random import Random

import h3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from sim.platforms import grouplink
from sim.platforms.grouplink import HOLD_MS, Emitter, EntryEvent, EntryRule, phone_of
from sim.platforms.schemas import validate
from tests.sim.platforms.cases import UTC_MS, compact, json_examples, seed_text

CELL = "8881839825fffff"
FIELDS = [
    *("mm", "cell_id", "event_type", "event_duration", "created_at", "brand", "model", "cfray"),
    *("origin", "adv_key", "os", "os_version", "package_name"),
]


def test_the_documented_example_fits_and_keeps_its_bytes():
    (example,) = json_examples(seed_text("grouplink-event-example.txt"))
    body = compact(example)
    assert validate("grouplink", body) == []
    assert EntryEvent.model_validate_json(body).to_json() == body
    assert grouplink.parse(body)[0].utc_ms == UTC_MS  # 14:34:10.044Z, not the page's 12:34


def test_an_event_has_the_13_fields_in_the_order_of_the_example():
    event = Emitter(Random(1)).event_in(phone_of("W-042", "s"), CELL, "gps", utc_ms=UTC_MS)
    assert list(json.loads(event.to_json())) == FIELDS


@given(
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
    resolution=st.integers(0, 15),
    person=st.text(),
    origin=st.sampled_from(["beacon", "gps", "network"]),
    utc_ms=st.integers(0, 4_102_444_800_000),
)
def test_every_entry_is_in_a_valid_cell_that_contains_its_cause(
    lat, lon, resolution, person, origin, utc_ms
):
    cell = grouplink.cell_of(lat, lon, resolution)
    event = Emitter(Random(1)).event_in(phone_of(person, "s"), cell, origin, utc_ms=utc_ms)
    assert h3.is_valid_cell(event.cell_id)
    assert h3.latlng_to_cell(lat, lon, h3.get_resolution(event.cell_id)) == event.cell_id
    body = event.to_json()
    assert validate("grouplink", body) == []
    assert EntryEvent.model_validate_json(body) == event


@given(person=st.text(), salt=st.text())
def test_a_person_keeps_one_pseudonym_and_one_phone(person, salt):
    phone = phone_of(person, salt)
    assert phone == phone_of(person, salt)
    assert 0 <= phone.mm < 2**31
    assert (phone.brand, phone.model, phone.os, phone.os_version) in grouplink.MODELS
    assert phone_of(person, salt + "x").mm != phone.mm


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mm", "1220290060"),
        ("mm", True),
        ("cell_id", "8881839825ffffg"),
        ("cell_id", "8f81839825fffff"),  # of the right form, but no cell
        ("event_type", "EVENT_OUT"),
        ("event_duration", 0),
        ("created_at", 1767623650.044),
        ("os_version", 14.0),
        ("cfray", "55e5-POA"),
        ("origin", "wifi"),
    ],
)
def test_each_field_is_held_to_the_documents(field, value):
    event = Emitter(Random(1)).event_in(phone_of("W-1", "s"), CELL, "gps", utc_ms=UTC_MS)
    body = compact(json.loads(event.to_json()) | {field: value})
    assert [fault.path for fault in validate("grouplink", body)] == [field]


def test_only_the_four_fields_of_the_sample_validator_are_required():
    lean = {"mm": 1, "cell_id": CELL, "event_type": "EVENT_IN", "created_at": 1}
    assert validate("grouplink", compact(lean)) == []
    for field in lean:
        rest = {name: value for name, value in lean.items() if name != field}
        assert field in {fault.path for fault in validate("grouplink", compact(rest))}


MINUTE_MS = 60_000
# One stay told in steps: (minute, where the phone is) -> announced?
STORIES = {
    "an entry is announced once a stay": [(0, "in", True), (1, "in", False), (1439, "in", False)],
    "a stay of more than a day is not announced again": [(0, "in", True), (1500, "in", False)],
    "a confirmed exit makes the next entry news": [
        (0, "in", True),
        (10, "out", None),
        (11, "out", None),
        (12, "in", True),
    ],
    "an exit is confirmed by time alone": [(0, "in", True), (10, "out", None), (11, "in", True)],
    "a flicker at the border is no exit": [
        (0, "in", True),
        (10, "out", None),
        (10.5, "in", False),
        (11.2, "in", False),
    ],
    "outside before any entry means nothing": [(0, "out", None), (1, "in", True)],
}


@pytest.mark.parametrize("story", STORIES)
def test_the_24_hour_rule(story):
    rule = EntryRule()
    for minute, place, announced in STORIES[story]:
        now = UTC_MS + int(minute * MINUTE_MS)
        if place == "out":
            rule.outside(1, CELL, now)
        else:
            assert rule.inside(1, CELL, now) is announced, minute


def test_long_stays_can_be_announced_every_day():
    rule = EntryRule(announce_long_stays=True)
    days = [rule.inside(1, CELL, UTC_MS + hour * 3_600_000) for hour in range(0, 73, 12)]
    assert days == [True, False, True, False, True, False, True]


def test_phones_and_cells_have_rules_of_their_own():
    rule = EntryRule()
    stays = [(1, CELL), (2, CELL), (1, "8881839827fffff"), (1, CELL)]
    assert [rule.inside(mm, cell, UTC_MS) for mm, cell in stays] == [True, True, True, False]


@given(st.lists(st.tuples(st.integers(1, 7200), st.booleans()), max_size=60))
def test_two_entries_within_a_day_have_an_exit_between_them(steps):
    rule, now, last_ms, left = EntryRule(), UTC_MS, None, False
    for seconds, is_inside in steps:
        now += seconds * 1000
        if not is_inside:
            rule.outside(1, CELL, now)
            left = True
        elif rule.inside(1, CELL, now):
            assert last_ms is None or left or now - last_ms >= HOLD_MS
            last_ms, left = now, False


def test_a_delivery_is_one_object_with_the_agreed_header():
    event = Emitter(Random(1)).event_in(phone_of("W-1", "s"), CELL, "gps", utc_ms=UTC_MS)
    delivery = grouplink.deliver(event, "https://x/", serial=3, secrets=["X-Api-Key: k"])
    assert delivery.body == event.to_json()
    assert delivery.headers == (("content-type", "application/json"), ("X-Api-Key", "k"))
    assert delivery.keys == (grouplink.parse(delivery.body)[0].key,)
    with pytest.raises(InputError):
        grouplink.deliver(event, "https://x/", serial=3, secrets=["k"])
