"""The card's binary store, against the virtual card."""

from __future__ import annotations

import pytest

from hil.card import binary
from hil.card.errors import CardError

CONTENT = bytes(range(256)) * 40 + b"\n\0\n"


@pytest.mark.parametrize("wire", ["serial", "i2c-socket"])
def test_what_is_stored_is_fetched_whole_line_feeds_and_zeros_included(bench, card_at, wire):
    card = card_at(bench(wire).spec)
    binary.store(card, CONTENT)
    assert binary.fetch(card, len(CONTENT)) == CONTENT


def test_a_damaged_transfer_is_repeated_and_given_up_after_three(bench, card_at):
    here = bench()
    card = card_at(here.spec)
    here.live.act(lambda notecard: notecard.faults.arm("bad-bin", binary.TRIES - 1))
    binary.store(card, CONTENT)
    here.live.act(lambda notecard: notecard.faults.arm("bad-bin", binary.TRIES))
    with pytest.raises(CardError, match=r"card\.binary"):
        binary.store(card, CONTENT)
