from __future__ import annotations

import pytest
from dbus_fast import Message
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from sim.air.dbus.match import rule_from
from sim.air.dbus.subscriptions import RULES_MAX, Subscriptions

MEMBERS, PATHS = ["Added", "Removed"], ["/a", "/a/b"]
rules = st.builds(
    lambda *parts: ",".join(filter(None, parts)),
    st.sampled_from(["", "type='signal'"]),
    st.sampled_from(["", *(f"member='{member}'" for member in MEMBERS)]),
    st.sampled_from(["", "path_namespace='/a'", *(f"path='{path}'" for path in PATHS)]),
)
signals = st.builds(
    lambda path, member: Message.new_signal(path, "x.Y", member),
    st.sampled_from(PATHS),
    st.sampled_from(MEMBERS),
)


@given(st.lists(st.tuples(st.integers(0, 3), rules)), signals)
def test_the_index_finds_exactly_those_whose_rules_match(told, signal):
    subscriptions = Subscriptions()
    for program, text in told:
        subscriptions.add(program, text)
    found = subscriptions.wanting(signal, {})
    assert len(found) == len(set(found))
    assert set(found) == {who for who, text in told if rule_from(text).matches(signal, {})}


@given(st.lists(st.tuples(st.integers(0, 3), rules), min_size=1), signals)
def test_a_program_that_left_or_dropped_its_rules_gets_nothing(told, signal):
    subscriptions = Subscriptions()
    for program, text in told:
        subscriptions.add(program, text)
    subscriptions.leave(0)
    for program, text in told:
        assert subscriptions.drop(program, text) is (program != 0)
    assert subscriptions.wanting(signal, {}) == []
    assert not subscriptions.drop(*told[0])


def test_a_program_has_so_many_rules_and_no_more():
    subscriptions = Subscriptions()
    for _ in range(RULES_MAX):
        subscriptions.add("me", "")
    with pytest.raises(InputError, match=str(RULES_MAX)):
        subscriptions.add("me", "")
    subscriptions.add("you", "")
