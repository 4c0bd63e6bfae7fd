from __future__ import annotations

import pytest
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from sim.notecard.api.ports import InboundNote, acted, known, page
from sim.notecard.codec.arguments import RequestError
from sim.notecard.notehub.hub import Hub


class Owner:
    def with_hub(self, action):
        return action(Hub())


def test_a_refusal_of_the_hub_is_a_400_and_a_stranger_a_404():
    def refuse(hub):
        raise RequestError("no")

    with pytest.raises(HTTPException, match="400"):
        acted(Owner(), refuse)
    with pytest.raises(HTTPException, match="404"):
        known(Hub(), "dev:1")


def test_pages_are_counted_from_one():
    assert page([1, 2, 3], 2, 1) == ([1, 2], True)
    assert page([1, 2, 3], 2, 2) == ([3], False)


@pytest.mark.parametrize("body", [{"n": float("inf")}, {"n": "\ud800"}])
def test_what_no_card_could_keep_is_no_note(body):
    with pytest.raises(ValidationError):
        InboundNote(body=body)
