"""What an upload draws is drawn in C as in Python."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.compiled import modem
from sim.compiled.modem import modem_in_c
from sim.engine.streams import stream
from sim.world.coverage import Link, exchange
from tests.sim.compiled import rig


@given(
    st.integers(0, 2**64),
    st.text(max_size=12),
    st.integers(0, 10**6),
    st.integers(0, 4),
    st.booleans(),
    st.integers(0, 400_000),
)
def test_every_upload_draws_the_same(run_seed, name, number, bars, connected, size):
    link = Link(-80, bars)
    ours = exchange(size, link, stream(run_seed, name, number), connected)
    theirs = modem_in_c(rig.library(), run_seed)
    assert theirs.exchange(size, link, connected, name, number) == ours


def test_a_thousand_uploads_meet_all_fates_and_the_rare_ends_of_the_bell_in_both():
    theirs, seen = modem_in_c(rig.library(), 7), set()
    for number in range(3000):
        link, connected = Link(-110, 1 + number % 4), number % 3 == 0
        ours = exchange(900, link, stream(7, "b", number), connected)
        assert theirs.exchange(900, link, connected, "b", number) == ours
        seen.add((ours.before_ms > 0, ours.takes_ms is None, ours.arrives))
    assert len(seen) == 6


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1, 2**32, 2**96, 2**128 - 1])
def test_a_seed_of_few_words_is_padded_as_numpy_pads_it(seed, monkeypatch):
    import numpy as np

    monkeypatch.setattr(modem, "seed_of", lambda *names: seed)
    ours = exchange(9, Link(-80, 4), np.random.Generator(np.random.PCG64(seed)), False)
    assert modem_in_c(rig.library(), 1).exchange(9, Link(-80, 4), False, "any") == ours


def test_without_numpys_distributions_there_is_none(monkeypatch):
    monkeypatch.setattr(modem.np.random._generator, "__file__", "nowhere.so")
    assert modem_in_c(rig.library(), 1) is None
