from __future__ import annotations

from badge.errors import InputError
from hil.card.errors import CardGoneError, CardRefusedError, GaveUp


def test_a_refusal_carries_the_cards_own_words():
    error = CardRefusedError("notecard x: hub.sync: …", {"err": "no product {product}", "n": 1})
    assert (error.err, error.reply["n"]) == ("no product {product}", 1)
    assert CardRefusedError("…", {"err": 7}).err == ""


def test_a_card_that_is_gone_tells_whether_the_request_left():
    assert CardGoneError("…").sent
    assert not CardGoneError("…", sent=False).sent


def test_note_python_cannot_catch_the_end_of_a_transaction():
    assert issubclass(CardGoneError, InputError)
    assert not issubclass(GaveUp, Exception)
