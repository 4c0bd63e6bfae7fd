from __future__ import annotations

import json
import re
from random import Random

import pytest
from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.formats.json import JSONFormat
from cloudevents.v1.http import from_json
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from sim.platforms import blecon
from sim.platforms.blecon.models import FAMILIES, family_of
from sim.platforms.schemas import validate
from tests.sim.platforms.cases import UTC_MS, compact, seed_text

PLATFORM = blecon.PLATFORM
PARTS = st.from_regex(r"[a-z][a-z_-]{0,30}", fullmatch=True)
by_profile = pytest.mark.parametrize("profile", PLATFORM.profiles)


def samples(profile):
    for kind in PLATFORM.types(profile):
        yield kind.sample(kind.name, Random(1), UTC_MS)


def test_all_types_of_the_document_are_there_and_no_others():
    text = seed_text("blecon-event-types.txt")
    listed = re.findall(r"^((?:network|device|config)\.[a-z_.<>]+) ", text, flags=re.M)
    assert sorted(family.name for family in FAMILIES) == sorted(listed)
    assert len(listed) == 15


def test_the_documented_envelope_is_the_seed_profile_byte_for_byte():
    text = seed_text("blecon-event-types.txt")
    example = re.search(r"^\{.*?^\}$", text, flags=re.M | re.S).group()
    # The document abbreviates the id and the data.
    example = example.replace("a1b2c3d4-...", "a1b2c3d4-0000-4000-8000-000000000000")
    full = json.loads(example.replace("{ ... }", "{}"))
    position = next(e for e in samples("seed") if e.type == full["type"])
    full["data"] = position.data.model_dump(exclude_unset=True)
    body = compact([full])
    assert validate("blecon", body, "seed") == []
    assert PLATFORM.pack([received.typed("seed") for received in blecon.parse(body)]) == body
    assert list(position.model_dump(exclude_unset=True)) == list(full)


@by_profile
def test_the_cloudevents_sdk_reads_every_event(profile):
    for event in samples(profile):
        content = event.to_json()
        if profile == "seed":  # which leaves specversion out
            content = compact({"specversion": "1.0"} | json.loads(content))
        read = from_json(content)
        assert (read["type"], read["id"], read["source"]) == (event.type, event.id, "blecon")
        assert read.data == json.loads(event.to_json())["data"]


def test_the_strict_api_of_that_sdk_wants_an_offset_which_the_documents_do_not_show():
    for event in samples("rfc3339"):
        assert JSONFormat().read(None, event.to_json()).get_id() == event.id
    for event in samples("current"):
        with pytest.raises(CloudEventValidationError, match="time"):
            JSONFormat().read(None, event.to_json())


@by_profile
def test_times_have_six_digits_and_an_offset_only_in_rfc3339(profile):
    pattern = r"2026-01-05T14:34:10\.044\d{3}" + ("Z" if profile == "rfc3339" else "")
    for event in samples(profile):
        assert re.fullmatch(pattern, event.time)


@given(kind=st.sampled_from(["request", "message"]), namespace=PARTS, method=PARTS)
def test_a_namespace_and_a_method_have_up_to_31_characters(kind, namespace, method):
    name = f"device.{kind}.{namespace}.{method}"
    assert family_of(name).name == f"device.{kind}.<namespace>.<method>"
    for bad in (name + "x" * 32, f"device.{kind}.{namespace}", f"device.{kind}..{method}"):
        with pytest.raises(InputError):
            family_of(bad)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("specversion", "0.3"),
        ("source", "blekon"),
        ("id", "a1b2c3d4-..."),
        ("time", "2026-01-15"),
        ("datacontenttype", "text/plain"),
        ("data.code", "SPOTTED"),
        ("data.rssi", -68.5),
        ("data.rssi", "-68"),
        ("data.location", "52.1, -0.1"),
        ("data.location_accuracy_metres", -1.0),
        ("data.device_id", "urn:uuid:1"),
        ("data.ap_id", None),
    ],
)
def test_each_field_of_a_spotted_event_is_held_to_the_documents(path, value):
    event = json.loads(next(samples("current")).to_json())
    place, _, field = path.rpartition(".")
    (event[place] if place else event)[field] = value
    assert [fault.path for fault in validate("blecon", compact([event]), "current")] == [
        f"[0].{path}"
    ]


def test_bare_ids_and_times_with_an_offset_are_accepted():
    event = json.loads(next(samples("current")).to_json())
    event["data"]["device_id"] = event["data"]["device_id"].removeprefix("urn:uuid:")
    event["time"] += "Z"
    assert validate("blecon", compact([event])) == []


def test_the_payload_of_an_unverified_type_may_be_any_object():
    for family in FAMILIES:
        if family.evidence == "unverified":
            event = json.loads(next(samples("current")).to_json())
            event |= {"type": family.name, "data": {"anything": [1]}}
            assert validate("blecon", compact([event])) == []
