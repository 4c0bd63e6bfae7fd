"""Two events side by side: only what differs is told, with its path."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.contract.differences import ABSENT, differences

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("xy", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("a", 1, 2)]),
        ({"a": 1}, {}, [("a", 1, ABSENT)]),
        ({}, {"a": None}, [("a", ABSENT, None)]),
        ({"p": {"x": 1, "y": 2}}, {"p": {"x": 1, "y": 3}}, [("p.y", 2, 3)]),
        ({"p": [1, 2]}, {"p": [1, 3]}, [("p[1]", 2, 3)]),
        ({"p": [1, 2]}, {"p": [1]}, [("p", [1, 2], [1])]),
        ({"p": {"x": 1}}, {"p": 4}, [("p", {"x": 1}, 4)]),
        ({"b": 1, "a": 1}, {"c": 2, "a": 2, "b": 2}, [("b", 1, 2), ("a", 1, 2), ("c", ABSENT, 2)]),
    ],
)
def test_the_innermost_fields_are_told_in_the_order_of_the_old(old, new, found):
    assert [tuple(one) for one in differences(old, new)] == found


def test_the_caller_says_what_is_the_same_and_may_stop_the_search():
    asked = []

    def same(path, old, new):
        asked.append(path)
        return path == "payload" or old == new

    old, new = {"n": 1, "payload": {"x": 1}}, {"n": 2, "payload": {"x": 2}}
    assert [one.path for one in differences(old, new, same)] == ["n"]
    assert asked == ["", "n", "payload"]


@given(VALUES)
def test_nothing_differs_from_itself(value):
    assert list(differences(value, value)) == []


@given(VALUES, VALUES)
def test_what_differs_one_way_differs_the_other(old, new):
    there = {(one.path, repr(one.old), repr(one.new)) for one in differences(old, new)}
    back = {(one.path, repr(one.new), repr(one.old)) for one in differences(new, old)}
    assert there == back
    assert bool(there) == (old != new)
