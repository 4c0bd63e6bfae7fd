"""Every promise by its name, and how one is reported broken."""

from __future__ import annotations

import pickle
import re

import pytest

from sim.engine.promises import PROMISES, BrokenPromiseError
from tests.paths import DOCS, ROOT


def test_a_broken_one_says_what_it_promised_what_was_seen_and_of_whom():
    error = BrokenPromiseError("J1", "7 came twice", "ACT-00000001")
    assert str(error) == "J1 (no number is issued twice): ACT-00000001: 7 came twice"
    assert str(BrokenPromiseError("J1", "7 came twice")).endswith("twice): 7 came twice")


def test_it_crosses_from_one_process_to_another():
    error = pickle.loads(pickle.dumps(BrokenPromiseError("J1", "7", "ACT-00000001")))
    assert (error.promise, error.seen, error.device_id) == ("J1", "7", "ACT-00000001")


def test_a_promise_that_is_none_is_a_mistake_of_the_check():
    with pytest.raises(KeyError):
        BrokenPromiseError("J99", "x")


@pytest.mark.parametrize("name", PROMISES)
def test_each_is_told_to_the_reader_and_checked_somewhere(name):
    pages = "".join(page.read_text("utf-8") for page in DOCS.glob("reliability*.md"))
    assert re.search(rf"\b{name}\b", pages), f"docs/reliability*.md do not tell of {name}"
    sources = "".join(
        path.read_text("utf-8")
        for room in ("chaos", "crashtest", "powercut", "engine")
        for path in (ROOT / "sim" / room).rglob("*.py")
        if path.name != "promises.py"
    )
    constants = {"I0": "ORDERED", "I1": "KEPT", "I2": "ONCE", "I3": "UNALTERED", "I4": "WHOLE"}
    constants |= {"I5": "SOUND", "I6": "DELIVERED", "I7": "STATUS", "I8": "BOUNDED"}
    if name != "J5":  # it is no check of its own: all others must hold at depth 2, too
        assert constants.get(name, f'"{name}"') in sources
