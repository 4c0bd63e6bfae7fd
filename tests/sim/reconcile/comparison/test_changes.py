"""Values are compared, not spellings; every field that differs is named once."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.reconcile.comparison.changes import changes
from sim.reconcile.comparison.rows import Held, LoggedEvent
from tests.strategies import json_values


def fields(logged, held):
    one = LoggedEvent("A", 1, "gps", 0, logged, "0.1.0")
    other = Held("A", 1, "gps", 0, held, "0.1.0")
    return [str(change) for change in changes(one, other, with_firmware=True)]


@pytest.mark.parametrize(
    ("logged", "held", "expected"),
    [
        ('{"a":12,"b":[1]}', '{ "b": [1.0], "a": 12.0 }', []),
        ('{"a":1}', '{"a":true}', ["payload.a 1 -> True"]),
        ('{"a":0}', '{"a":false}', ["payload.a 0 -> False"]),
        ('{"a":1}', '{"a":"1"}', ["payload.a 1 -> 1"]),
        ('{"a":1}', "{}", ["payload.a 1 -> absent"]),
        ("{}", '{"a":null}', ["payload.a absent -> null"]),
        ('{"a":{"b":[1,2]}}', '{"a":{"b":[1,3]}}', ["payload.a.b[1] 2 -> 3"]),
        ('{"a":[1]}', '{"a":[1,2]}', ["payload.a [1] -> [1, 2]"]),
        ('{"a":1}', '"{}"', ["payload {'a': 1} -> {}"]),
        ('{"a":1}', "{", ['payload {"a":1} -> {']),
        ('{"a":NaN}', '{ "a": NaN }', []),
        ('{"a":1.5,"b":2}', '{"a":{"$numberDouble":"1.5"},"b":{"$numberInt":"2"}}', []),
        (
            '{"a":9007199254740993}',
            '{"a":9007199254740992.0}',
            ["payload.a 9007199254740993 -> 9007199254740992.0"],
        ),
    ],
)
def test_what_differs_is_named(logged, held, expected):
    assert fields(logged, held) == expected


@given(st.dictionaries(st.text(max_size=4), json_values, max_size=4))
def test_another_spelling_is_no_change(payload):
    spelt = json.dumps(dict(reversed(payload.items())), indent=1)
    assert fields(json.dumps(payload), spelt) == []


def test_the_document_leaves_out_what_is_absent():
    one = LoggedEvent("A", 1, "gps", 0, '{"a":1}', "0.1.0")
    (change,) = changes(one, Held("A", 1, "gps", 0, "{}", "0.1.0"), with_firmware=True)
    assert change.document() == {"field": "payload.a", "logged": 1}
