from __future__ import annotations

import subprocess
import sys

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.streams import plain_stream, seed_of, stream

names = st.lists(st.text(max_size=4) | st.integers(-9, 9), max_size=3)


def test_a_stream_is_the_same_on_every_machine_and_in_every_process():
    assert seed_of(7, "gnss", "ACT-00000001") == 150777751550294250071411302876626350935
    assert stream(7, "gnss").integers(0, 1000, 5).tolist() == [135, 949, 961, 422, 995]
    code = "from sim.engine.streams import seed_of; print(seed_of(7, 'gnss', 'ACT-00000001'))"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert int(told) == seed_of(7, "gnss", "ACT-00000001")


@settings(deadline=None)
@given(st.integers(), names, st.integers(), names)
def test_different_names_are_different_streams(seed, one, other_seed, other):
    same = (seed, one) == (other_seed, other)
    assert (seed_of(seed, *one) == seed_of(other_seed, *other)) == same


def test_words_do_not_run_together():
    assert seed_of(1, "a", "bc") != seed_of(1, "ab", "c") != seed_of(1, "abc")
    assert seed_of(1, "2") != seed_of(1, 2)


def test_streams_of_neighbouring_seeds_share_nothing():
    one, other = stream(1, "x").standard_normal(4000), stream(2, "x").standard_normal(4000)
    assert abs((one * other).mean()) < 0.06


def test_the_plain_stream_repeats_too():
    assert plain_stream(3, "a").random() == plain_stream(3, "a").random()
    assert plain_stream(3, "a").random() != plain_stream(3, "b").random()


@given(st.integers(0, 2**128 - 1) | st.integers(0, 130).map(lambda bits: 2**128 >> bits))
def test_a_stream_is_that_of_its_seed_as_a_number(number):
    """Numpy takes a number apart into its words; a word that is zero counts either way."""
    words = np.frombuffer((number % 2**128).to_bytes(16, "little"), "<u4")
    one, other = np.random.PCG64(words), np.random.PCG64(number % 2**128)
    assert one.state == other.state


def test_a_stream_begins_where_numpy_has_it_begin():
    own = np.random.Generator(np.random.PCG64(seed_of(5, "luck", 3)))
    assert stream(5, "luck", 3).random(4).tolist() == own.random(4).tolist()
