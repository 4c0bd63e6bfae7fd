from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.sources.skipped import NOTHING_SKIPPED, Skipped

counted = st.dictionaries(st.text("abc ", min_size=1, max_size=5), st.integers(0, 50), max_size=5)


def test_nothing_skipped_is_nothing_said():
    assert NOTHING_SKIPPED.sentence("walk.gpx") == ""
    assert Skipped.of({"without a time": 0}, 9, "points").sentence("walk.gpx") == ""


def test_a_few_are_told_and_many_are_a_warning():
    few, many = (Skipped.of({"without a time": n, "odd": 1}, 100, "points") for n in (9, 10))
    assert few.sentence("w") == "w: 10 of 100 points skipped: 9 without a time, 1 odd"
    assert many.sentence("w").startswith("warning: w: 11 of 100 points skipped: 10 without")


@given(counted, counted)
def test_reasons_add_up(some, others):
    both = Skipped.of(some, 1000, "rows")
    for reason, count in others.items():
        both = both.and_also(reason, count)
    assert both.count == sum(some.values()) + sum(others.values())
    assert both.as_json()["skipped"] == both.count
    numbers = [count for _, count in both.counts]
    assert numbers == sorted(numbers, reverse=True)
