from __future__ import annotations

from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.platforms import open as registry
from sim.platforms.kit.event import epoch_ms, moment, pick_uuid
from sim.platforms.kit.receiver import parse
from tests.sim.platforms.cases import ALL_TYPES, UTC_MS

YEARS_MS = st.integers(0, 4_102_444_800_000)  # 1970 to 2100


@given(YEARS_MS)
def test_a_moment_is_read_back_to_the_millisecond(utc_ms):
    assert epoch_ms(moment(utc_ms).isoformat()) == utc_ms


def test_a_time_without_an_offset_is_utc():
    assert epoch_ms("2026-01-05T14:34:10.044") == epoch_ms("2026-01-05T15:34:10.044+01:00")


@pytest.mark.parametrize("bad", [None, 5, "", "yesterday", "2026-13-01T00:00:00Z", "9" * 5000])
def test_what_is_no_time_is_none(bad):
    assert epoch_ms(bad) is None


def test_ids_are_version_4_and_follow_from_the_stream():
    first, again = pick_uuid(Random(3)), pick_uuid(Random(3))
    assert first == again
    assert UUID(first).version == 4


@pytest.mark.parametrize(("name", "profile", "kind"), ALL_TYPES)
@settings(max_examples=6)  # of each of some fifty types
@given(seed=st.integers(0, 2**32), utc_ms=YEARS_MS)
def test_every_type_survives_the_wire_byte_for_byte(name, profile, kind, seed, utc_ms):
    platform = registry.platform(name)
    event = kind.sample(kind.name, Random(seed), utc_ms)
    body = platform.pack([event])
    (received,) = parse(platform, body)
    assert received.faults(profile) == []
    assert platform.find(received.type, profile) is kind
    assert received.key is not None
    assert abs(received.utc_ms - utc_ms) < 1000  # Peridio writes whole seconds
    assert platform.pack([received.typed(profile)]) == body


@pytest.mark.parametrize(("name", "profile", "kind"), ALL_TYPES)
def test_the_same_seed_writes_the_same_bytes_and_another_seed_another_key(name, profile, kind):
    platform = registry.platform(name)
    one, same, other = (kind.sample(kind.name, Random(s), UTC_MS).to_json() for s in (1, 1, 2))
    assert one == same
    assert one != other
    if name != "grouplink":  # it has no event id
        keys = {parse(platform, body)[0].key for body in (one, other)}
        assert len(keys) == 2


@pytest.mark.parametrize(("name", "profile", "kind"), ALL_TYPES)
def test_unknown_fields_are_kept(name, profile, kind):
    content = kind.sample(kind.name, Random(1), UTC_MS).model_dump(exclude_unset=True)
    content["brand_new"] = {"deep": [1, None, "ä"]}
    event = kind.model.model_validate(content)
    assert event.to_json().endswith('"brand_new":{"deep":[1,null,"ä"]}}'.encode())
