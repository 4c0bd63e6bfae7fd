from __future__ import annotations

import json
from contextlib import suppress
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.errors import InputError, MisuseError
from sim.platforms import blecon, grouplink, peridio
from sim.platforms import open as registry
from sim.platforms.kit import receiver
from sim.platforms.kit.receiver import Seen
from tests.sim.platforms.cases import SECRETS, UTC_MS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e300, 1e300) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
MODULES = {"blecon": blecon, "grouplink": grouplink, "peridio": peridio}
names = pytest.mark.parametrize("name", registry.ROWS)


@names
@settings(max_examples=40)
@given(event=st.dictionaries(st.text(), JSON, max_size=6))
def test_any_object_passes_with_faults_instead_of_errors(name, event):
    (received,) = MODULES[name].parse(json.dumps(event, allow_nan=False).encode())
    assert received.faults()
    assert received.typed() is None
    Seen().first(received.key)


@names
@given(body=st.binary(max_size=64))
def test_foreign_bytes_raise_nothing_but_input_errors(name, body):
    with suppress(InputError):
        MODULES[name].parse(body)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'"x"', b"[1]", b"NaN", b'{"a":NaN}', b"[" * 5000, b"\xff", b"9" * 5000, b"\0"],
)
def test_what_is_not_a_json_object_is_refused(body):
    with pytest.raises(InputError, match="body"):
        peridio.parse(body)


def test_a_body_of_endless_events_is_refused():
    with pytest.raises(InputError, match="at most 10000"):
        blecon.parse(b"[" + b"{}," * 10_000 + b"{}]")


def test_an_unknown_type_is_one_fault_and_no_more():
    (received,) = blecon.parse(b'[{"type":"network.protocol_error","id":"1","data":{}}]')
    assert [fault.path for fault in received.faults()] == ["type"]


@names
def test_each_event_is_new_once(name):
    platform = registry.platform(name)
    kind = platform.types()[0]
    body = platform.pack([kind.sample(kind.name, Random(1), UTC_MS)])
    other = platform.pack([kind.sample(kind.name, Random(2), UTC_MS + 1)])
    module, seen = MODULES[name], Seen()
    new = [len(module.deduplicate(module.parse(b), seen)) for b in (body, other, body, other)]
    assert new == [1, 1, 0, 0]


def test_events_without_a_key_are_always_new():
    seen = Seen()
    assert [seen.first(None), seen.first(None), len(seen)] == [True, True, 0]


@given(keys=st.lists(st.integers(0, 30), max_size=200), limit=st.integers(1, 10))
def test_the_memory_is_bounded_and_remembers_the_last_keys(keys, limit):
    seen, recent = Seen(limit), []
    for key in map(str, keys):
        assert seen.first(key) == (key not in recent)
        recent = [*(k for k in recent if k != key), key][-limit:]
        assert len(seen) == len(recent)


def test_a_memory_without_room_is_a_mistake():
    with pytest.raises(MisuseError):
        Seen(0)


@pytest.mark.parametrize("name", ["blecon", "grouplink"])
def test_shared_headers_are_checked_in_any_case_of_the_name(name):
    secret = SECRETS[name]
    header, value = receiver.split_secret(secret)
    verify = MODULES[name].verify
    assert verify({header.upper(): value}, b"", [secret])
    assert not verify({header: value + "x"}, b"", [secret])
    assert not verify({header: value.upper()}, b"", [secret])
    assert "missing" in verify({}, b"", [secret]).reason
    assert verify({}, b"", [])


def test_two_values_of_one_header_are_a_rotation_and_two_headers_are_both_needed():
    rotation, both = ["K: old", "k: new"], ["A: 1", "B: 2"]
    assert blecon.verify({"k": "old"}, b"", rotation)
    assert blecon.verify({"K": "new"}, b"", rotation)
    assert not blecon.verify({"K": "older"}, b"", rotation)
    assert blecon.verify({"a": "1", "b": "2"}, b"", both)
    assert not blecon.verify({"a": "1"}, b"", both)


@given(value=st.text())
def test_a_hostile_header_value_is_compared_without_an_error(value):
    assert bool(blecon.verify({"K": value}, b"", ["K: right"])) == (value == "right")


@pytest.mark.parametrize("bad", ["", "abc", "Name:", ": value", "Name: va\nlue"])
def test_a_secret_that_is_no_header_is_refused_without_being_told(bad):
    with pytest.raises(InputError) as caught:
        receiver.split_secret(bad)
    assert str(caught.value) == "secret: a shared header is written 'Name: value'"


def test_too_many_headers_and_unknown_schemes_are_refused():
    with pytest.raises(InputError, match="at most 5"):
        receiver.check_secrets(blecon.PLATFORM, [f"N{i}: v" for i in range(6)], None)
    with pytest.raises(InputError, match="signs nothing"):
        receiver.check_secrets(blecon.PLATFORM, [], "guide_code")
    with pytest.raises(InputError, match="ascii_key"):
        receiver.check_secrets(peridio.PLATFORM, [], "md5")
