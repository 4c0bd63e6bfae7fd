from __future__ import annotations

import pytest

from sim.notecard.api.guard import bearer_of


@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ({b"authorization": b"Bearer t"}, b"t"),
        ({b"authorization": b"bearer t"}, b"t"),
        ({b"x-session-token": b"t"}, b"t"),
        ({b"authorization": b"Basic t"}, b""),
        ({}, b""),
    ],
)
def test_a_token_is_a_bearers_or_of_a_session(headers, token):
    assert bearer_of(headers) == token
