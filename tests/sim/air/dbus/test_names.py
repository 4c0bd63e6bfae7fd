from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.air.dbus.names import (
    ALLOW_REPLACEMENT,
    ALREADY_OWNER,
    DO_NOT_QUEUE,
    EXISTS,
    IN_QUEUE,
    NON_EXISTENT,
    NOT_OWNER,
    OWNER,
    RELEASED,
    REPLACE_EXISTING,
    NameRegistry,
)

ME, YOU, NAME = ":1.1", ":1.2", "org.example"


def test_the_first_owns_and_the_second_waits_until_it_is_free():
    names = NameRegistry()
    assert names.request(NAME, ME) == (OWNER, [(NAME, "", ME)])
    assert names.request(NAME, ME) == (ALREADY_OWNER, [])
    assert names.request(NAME, YOU, DO_NOT_QUEUE) == (EXISTS, [])
    assert names.request(NAME, YOU) == (IN_QUEUE, [])
    assert names.queue(NAME) == [ME, YOU]
    assert names.release(NAME, ME) == (RELEASED, [(NAME, ME, YOU)])
    assert names.drop(YOU) == [(NAME, YOU, "")]
    assert names.owners == {}


def test_an_owner_that_allows_it_is_replaced_and_waits():
    names = NameRegistry()
    names.request(NAME, ME, ALLOW_REPLACEMENT)
    assert names.request(NAME, YOU, REPLACE_EXISTING) == (OWNER, [(NAME, ME, YOU)])
    assert names.queue(NAME) == [YOU, ME]


def test_what_is_not_ones_own_is_not_released():
    names = NameRegistry()
    assert names.release(NAME, ME) == (NON_EXISTENT, [])
    names.request(NAME, ME)
    assert names.release(NAME, YOU) == (NOT_OWNER, [])
    with pytest.raises(KeyError):
        names.queue("org.other")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["request", "release", "drop"]),
            st.sampled_from([ME, YOU, ":1.3"]),
            st.integers(0, 7),
        ),
        max_size=30,
    )
)
def test_the_changes_told_lead_from_owner_to_owner(steps):
    names, owner = NameRegistry(), ""
    for what, who, flags in steps:
        if what == "request":
            changes = names.request(NAME, who, flags)[1]
        elif what == "release":
            changes = names.release(NAME, who)[1]
        else:
            changes = names.drop(who)
        for _, old, new in changes:
            assert old == owner
            owner = new
        assert names.owners.get(NAME, "") == owner
