from __future__ import annotations

import pytest

from sim.notecard.codec.arguments import RequestError
from sim.notecard.storage.templates import fit, template_bytes, without_zeros


def test_a_record_weighs_what_its_hints_say():
    assert template_bytes({"a": True, "b": 14, "c": 12.1, "d": "8", "e": [11, 18]}, True) == 24
    assert template_bytes({"a": 14}, False) == 34


@pytest.mark.parametrize("hint", [15, 10**400, 9.9, None])
def test_what_is_no_hint_is_refused_however_long(hint):
    with pytest.raises(RequestError, match="template-incompatible"):
        template_bytes({"a": hint}, True)


def test_a_body_becomes_what_the_template_keeps():
    assert fit({"s": "3", "n": 21}, {"s": "abcdef", "n": 255, "x": 1}, False) == {
        "s": "abc",
        "n": 255,
    }
    for body in ({"n": 256}, {"n": 1.5}, {"s": 5}, {"n": True}):
        with pytest.raises(RequestError):
            fit({"s": "3", "n": 21}, body, False)
    assert without_zeros({"a": 0, "b": False, "c": "", "d": 1}) == {"d": 1}
