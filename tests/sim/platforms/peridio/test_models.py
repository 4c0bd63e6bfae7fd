from __future__ import annotations

import json
import re
from random import Random

import pytest

from badge.errors import InputError
from sim.platforms import peridio
from sim.platforms.peridio.models import family_of, instant, spell
from sim.platforms.schemas import validate
from tests.sim.platforms.cases import UTC_MS, compact, json_examples, seed_text

PLATFORM = peridio.PLATFORM


def sample(name, profile):
    return PLATFORM.find(name, profile).sample(name, Random(1), UTC_MS)


def test_every_documented_example_fits_and_keeps_its_bytes():
    examples = json_examples(seed_text("peridio-events-and-payloads.txt"))
    assert len(examples) == 8
    for example in examples:
        body = compact(example)
        assert validate("peridio", body, "guide") == []
        (received,) = peridio.parse(body)
        assert PLATFORM.pack([received.typed("guide")]) == body
    named = [peridio.parse(compact(example))[0].type for example in examples]
    assert named == [kind.name for kind in PLATFORM.types("guide")]


def test_each_guide_sample_has_the_keys_of_its_example_in_order():
    def keys(value):
        return {k: keys(v) for k, v in value.items()} if isinstance(value, dict) else None

    for example in json_examples(seed_text("peridio-events-and-payloads.txt")):
        name = f"{example['type']}.{example['data']['type']}"
        made = json.loads(sample(name, "guide").to_json())
        assert json.dumps(keys(made)) == json.dumps(keys(example))


def test_the_subscription_names_of_the_guide_are_types():
    text = seed_text("peridio-events-and-payloads.txt").partition("identifiers:")[2]
    for name in re.findall(r"^((?:device|api_key)\.[a-z-]+)$", text, flags=re.M):
        assert family_of(name, "guide").name == name


@pytest.mark.parametrize("name", ["device.release-changed", "device.release_changed"])
def test_either_spelling_is_found(name):
    assert spell(name) == "device.release_changed"
    assert family_of(name, "guide").name == "device.release-changed"
    assert family_of(name, "openapi").name == "device.release_changed"


def test_a_type_of_the_other_profile_only_is_refused_with_the_names():
    with pytest.raises(InputError, match=r"webhook\.test_fire"):
        family_of("device.disconnected", "guide")


def test_times_are_whole_seconds_with_a_z():
    assert instant(UTC_MS) == "2026-01-05T14:34:10Z"


@pytest.mark.parametrize(
    ("profile", "path", "value"),
    [
        ("guide", "version", 2),
        ("guide", "version", True),
        ("guide", "prn", "prn:2:x:event:y"),
        ("guide", "prn", 5),
        ("guide", "inserted_at", "2026-01-05T14:34:10+00:00"),
        ("guide", "data.data.device", None),
        ("guide", "data.data.from_release.version", 1.0),
        ("openapi", "data.data.to_release.known", "yes"),
        ("openapi", "data.data.device.cohort", "c"),
    ],
)
def test_each_field_is_held_to_the_documents(profile, path, value):
    event = json.loads(sample("device.release_changed", profile).to_json())
    *parents, last = path.split(".")
    place = event
    for part in parents:
        place = place[part]
    place[last] = value
    assert [fault.path for fault in validate("peridio", compact(event), profile)] == [path]


@pytest.mark.parametrize("kind", PLATFORM.types("openapi"), ids=lambda kind: kind.name)
def test_a_receiver_takes_either_profile(kind):
    body = kind.sample(kind.name, Random(1), UTC_MS).to_json()
    assert validate("peridio", body) == []
    assert peridio.parse(body)[0].type == kind.name
