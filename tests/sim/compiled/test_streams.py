"""A stream that C opens is the one that numpy opens."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.compiled.streams import StreamsInC
from sim.engine.streams import stream
from tests.sim.compiled import rig


@given(st.integers(0, 2**64), st.text(max_size=12), st.integers(0, 10**6))
def test_it_draws_the_same(run_seed, name, number):
    ours = stream(run_seed, name, number)
    theirs = StreamsInC(rig.library(), run_seed).stream(name, number)
    assert theirs.bit_generator.state == ours.bit_generator.state
    assert theirs.lognormal(2.0, 0.5) == ours.lognormal(2.0, 0.5)


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1, 2**32, 2**96, 2**128 - 1])
def test_a_seed_of_few_words_is_padded_as_numpy_pads_it(seed):
    ffi, lib, _ = rig.library()
    state = ffi.new("uint64_t[4]")
    lib.world_seeded(seed.to_bytes(16, "little"), state)
    assert list(state) == np.random.SeedSequence(seed).generate_state(4, np.uint64).tolist()


def test_streams_opened_one_after_the_other_are_apart():
    streams = StreamsInC(rig.library(), 7)
    one, other = streams.stream("a"), streams.stream("b")
    assert one.random() == stream(7, "a").random() != other.random() == stream(7, "b").random()
