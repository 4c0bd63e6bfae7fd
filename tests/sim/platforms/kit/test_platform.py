from __future__ import annotations

from random import Random

import pytest
from pydantic_core import from_json

from sim.platforms import open as registry
from tests.sim.platforms.cases import UTC_MS


@pytest.mark.parametrize("name", registry.ROWS)
def test_every_sample_is_found_by_its_own_type(name):
    platform = registry.platform(name)
    for profile in platform.profiles:
        for row in platform.types(profile):
            event = row.sample(row.name, Random(1), UTC_MS)
            type_name = platform.type_of(event.model_dump())
            assert platform.find(type_name, profile) is row


@pytest.mark.parametrize("name", registry.ROWS)
def test_a_body_is_an_array_only_where_the_platform_batches(name):
    platform = registry.platform(name)
    kind = platform.types()[0]
    events = [kind.sample(kind.name, Random(n), UTC_MS) for n in range(2)]
    body = from_json(platform.pack(events if platform.batch_max else events[:1]))
    assert isinstance(body, list) == bool(platform.batch_max)
    assert len(body) == 2 if platform.batch_max else isinstance(body, dict)


def test_what_is_of_no_profile_is_not_found():
    assert registry.platform("grouplink").find("EVENT_OUT") is None
    assert registry.platform("peridio").find("gate.opened", "openapi") is None


def test_success_is_any_2xx_unless_a_platform_says_otherwise():
    assert [registry.platform("grouplink").accepted(s) for s in (199, 200, 299, 300)] == [
        False,
        True,
        True,
        False,
    ]
