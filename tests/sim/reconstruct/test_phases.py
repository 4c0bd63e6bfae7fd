"""Moments that keep rules: found where there are some, blamed where there are none."""

from hypothesis import given
from hypothesis import strategies as st

from sim.reconstruct.phases import Phases
from tests.strategies import unhurried


@unhurried
@given(st.lists(st.integers(0, 20_000), min_size=2, max_size=30), st.data())
def test_whatever_was_true_is_found_again(moments, data):
    """Seconds and whole-second distances of true moments: a solution exists, and one is found."""
    phases = Phases()
    for ms in moments:
        phases.moment(ms // 1000 * 1000, ms // 1000 * 1000 + 999)
    pairs = data.draw(st.lists(st.tuples(*[st.integers(0, len(moments) - 1)] * 2), max_size=30))
    rules = []
    for owner, (first, then) in enumerate(pairs):
        least = (moments[then] - moments[first]) // 1000 * 1000
        rules.append((first, then, least))
        phases.after(first, then, least, least + 999, owner)
    found = phases.solve()
    assert phases.dropped == set()
    for ms, at in zip(moments, found, strict=True):
        assert at // 1000 == ms // 1000
    for first, then, least in rules:
        assert 0 <= found[then] - found[first] - least <= 999


def test_a_contradiction_is_dropped_and_named():
    phases = Phases()
    for _ in range(3):
        phases.moment(0, 100_000)
    phases.after(0, 1, 10, None, 7)
    phases.after(1, 2, 10, None, 8)
    phases.after(2, 0, -15, None, 9)  # 0 is at most 15 before 2, and the others say 20
    found = phases.solve()
    assert phases.dropped == {9}
    assert phases.conflicts == [{7, 8, 9}]
    assert found[2] - found[0] == 20
