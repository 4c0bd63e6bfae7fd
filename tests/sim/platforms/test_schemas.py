from __future__ import annotations

import json
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from badge.errors import InputError
from sim.platforms import open as registry
from sim.platforms.kit import receiver
from sim.platforms.schemas import schema, validate
from tests.sim.platforms.cases import ALL_TYPES, UTC_MS, compact

PROFILES = [
    pytest.param(name, profile, id=f"{name}-{profile}")
    for name in registry.ROWS
    for profile in registry.platform(name).profiles
]
by_profile = pytest.mark.parametrize(("name", "profile"), PROFILES)
WRONG = [None, "x", "", [], {}, True, -5000, 0.5, [1], {"a": 1}]


@cache
def validator(name, profile):
    return Draft202012Validator(schema(name, "json-schema", profile))


def places(value, path=()):
    """The path of every member, however deep."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield (*path, key)
        if isinstance(inner, (dict, list)):
            yield from places(inner, (*path, key))


@by_profile
@settings(max_examples=50)
@given(choice=st.data())
def test_the_schema_and_the_check_agree_on_whatever_was_damaged(name, profile, choice):
    platform = registry.platform(name)
    kind = choice.draw(st.sampled_from(platform.types(profile)), "type")
    content = json.loads(kind.sample(kind.name, Random(1), UTC_MS).to_json())
    *parents, last = choice.draw(st.sampled_from(list(places(content))), "place")
    place = content
    for part in parents:
        place = place[part]
    wrong = choice.draw(st.sampled_from(["delete", *WRONG]), "value")
    if wrong == "delete":
        del place[last]
    else:
        place[last] = wrong
    body = [content] if platform.batch_max else content
    fits = validator(name, profile).is_valid(body)
    assert fits == (validate(name, compact(body), profile) == [])


@by_profile
def test_the_json_schema_is_one_and_takes_every_sample(name, profile):
    made = schema(name, "json-schema", profile)
    Draft202012Validator.check_schema(made)
    platform = registry.platform(name)
    for kind in platform.types(profile):
        body = platform.pack([kind.sample(kind.name, Random(1), UTC_MS)])
        Draft202012Validator(made).validate(json.loads(body))


@by_profile
def test_the_asyncapi_document_has_every_type_and_no_dangling_reference(name, profile):
    document = schema(name, "asyncapi", profile)
    assert document["asyncapi"] == "3.0.0"
    text = json.dumps(document)
    for kind in registry.platform(name).types(profile):
        assert json.dumps(kind.name) in text
    for reference in {part["$ref"] for part in objects(document) if "$ref" in part}:
        place = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
    assert schema(name, "asyncapi", profile) == document


def objects(value):
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, (dict, list)):
            yield from objects(inner)


def test_the_signed_headers_of_peridio_are_in_its_messages():
    messages = schema("peridio", "asyncapi")["components"]["messages"]
    for message in messages.values():
        assert message["headers"]["required"] == ["peridio-signature", "peridio-published-at"]


@pytest.mark.parametrize(("name", "profile", "kind"), ALL_TYPES)
def test_the_schema_says_how_sure_each_type_is(name, profile, kind):
    definition = schema(name, profile=profile, evidence=True)["$defs"][kind.model.__name__]
    assert definition["x-evidence"] == kind.evidence


@pytest.mark.parametrize("form", ["json-schema", "asyncapi"])
@pytest.mark.parametrize("name", registry.ROWS)
def test_a_strict_reader_finds_no_keyword_that_it_does_not_know(name, form):
    for profile in registry.platform(name).profiles:
        assert "x-" not in json.dumps(schema(name, form, profile))


def batch(*names):
    platform = registry.platform("blecon")
    ids = Random(1)
    return platform.pack([platform.find(n).sample(n, ids, UTC_MS) for n in names])


@pytest.mark.parametrize(
    ("body", "path", "words"),
    [
        (b"[]", "", "1 to 50"),
        (b"{}", "", "an array"),
        (b"nonsense", "", "body"),
        (batch(*["config.created"] * 51), "", "51 events"),
        (batch("config.created", "device.request.a.b"), "[1]", "alone"),
    ],
)
def test_the_frame_of_a_blecon_batch_is_checked(body, path, words):
    (fault,) = validate("blecon", body)
    assert fault.path == path
    assert words in fault.message


def test_a_full_batch_and_a_lone_request_fit():
    assert validate("blecon", batch(*["config.created"] * 50)) == []
    assert validate("blecon", batch("device.request.a.b")) == []


def test_an_array_is_not_what_the_others_post():
    assert "not an array" in validate("peridio", b"[{}]")[0].message


def test_without_a_profile_the_closest_is_taken():
    for profile in ("guide", "openapi"):
        kind = registry.platform("peridio").find("device.release_changed", profile)
        body = kind.sample(kind.name, Random(1), UTC_MS).to_json()
        assert validate("peridio", body) == []
        other = "openapi" if profile == "guide" else "guide"
        assert validate("peridio", body, other)


@pytest.mark.parametrize(
    "arguments", [("zapier",), ("peridio", "yaml"), ("peridio", "asyncapi", "current")]
)
def test_unknown_names_are_refused(arguments):
    with pytest.raises(InputError):
        schema(*arguments)


IMPOSSIBLE = {
    "peridio": ("inserted_at", ["2026-02-30T10:00:00Z", "2026-02-28T25:61:61Z"]),
    "blecon": ("time", ["2026-02-30T10:00:00", "2026-02-28T25:61:61", "2026-13-01T00:00:00Z"]),
    "grouplink": ("created_at", [10**15, 10**30]),
}


@pytest.mark.parametrize("name", registry.ROWS)
def test_a_time_that_cannot_be_is_a_fault_at_its_place(name):
    platform = registry.platform(name)
    field, times = IMPOSSIBLE[name]
    for profile in platform.profiles:
        kind = platform.types(profile)[0]
        event = kind.sample(kind.name, Random(1), UTC_MS).model_dump(exclude_unset=True)
        place = f"[0].{field}" if platform.batch_max else field
        for time in times:
            body = json.dumps(
                [event | {field: time}] if platform.batch_max else event | {field: time}
            )
            assert place in [fault.path for fault in validate(name, body.encode(), profile)], time
            (arrived,) = receiver.parse(platform, body.encode())
            assert arrived.utc_ms is None


def test_a_leap_second_is_a_time():
    kind = registry.platform("peridio").types()[0]
    event = kind.sample(kind.name, Random(1), UTC_MS).model_dump(exclude_unset=True)
    for time, faults in (("2016-12-31T23:59:60Z", 0), ("2016-12-31T22:59:60Z", 1)):
        body = json.dumps(event | {"inserted_at": time}).encode()
        assert len(validate("peridio", body)) == faults
