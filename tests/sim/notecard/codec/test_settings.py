from __future__ import annotations

import pytest

from sim.notecard.codec.arguments import Args, RequestError
from sim.notecard.codec.settings import at_least, keep, one_of


def test_given_ones_are_taken_and_a_dash_or_minus_one_means_the_default():
    kept = {"host": "x", "inbound": 5, "sync": True}
    assert keep(kept, Args({"host": "-", "inbound": -1}), texts=("host",), integers=("inbound",))
    assert kept == {"sync": True}
    assert not keep(kept, Args({}), texts=("host",))
    assert keep(kept, Args({"sync": False}), flags=("sync",))
    assert kept == {"sync": False}


def test_words_and_bounds():
    assert one_of(Args({"mode": "on"}), "mode", ("on",)) == "on"
    assert at_least(Args({"max": -1}), "max", 5) == -1
    with pytest.raises(RequestError, match="unrecognized mode"):
        one_of(Args({"mode": "off"}), "mode", ("on",))
    with pytest.raises(RequestError, match="5 or more"):
        at_least(Args({"max": 4}), "max", 5)
