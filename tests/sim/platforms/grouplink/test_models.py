import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.platforms import grouplink
from sim.platforms.grouplink.emitter import Emitter
from sim.platforms.grouplink.models import MODELS, EntryEvent, phone_of
from sim.platforms.schemas import validate
from tests.sim.platforms.cases import UTC_MS, compact, json_examples, seed_text

CELL = "8881839825fffff"


def test_the_documented_example_fits_and_keeps_its_bytes():
    (example,) = json_examples(seed_text("grouplink-event-example.txt"))
    body = compact(example)
    assert validate("grouplink", body) == []
    assert EntryEvent.model_validate_json(body).to_json() == body
    assert grouplink.parse(body)[0].utc_ms == UTC_MS  # 14:34:10.044Z, not the page's 12:34


@given(person=st.text(), salt=st.text())
def test_a_person_keeps_one_pseudonym_and_one_phone(person, salt):
    phone = phone_of(person, salt)
    assert phone == phone_of(person, salt)
    assert 0 <= phone.mm < 2**31
    assert (phone.brand, phone.model, phone.os, phone.os_version) in MODELS
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
