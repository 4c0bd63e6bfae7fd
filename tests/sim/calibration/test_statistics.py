from __future__ import annotations

import pytest

from sim.calibration.statistics import STATISTICS
from tests.paths import RECORDINGS

FOLDER = RECORDINGS / "physics"


def test_all_thirteen_rows_are_there_and_each_figure_has_one_name():
    assert {one.row for one in STATISTICS} == set(range(1, 14))
    assert len({one.name for one in STATISTICS}) == len(STATISTICS)
    assert all(one.source and one.published and one.wanted[0] < one.wanted[1] for one in STATISTICS)


@pytest.mark.parametrize("one", STATISTICS, ids=lambda one: one.name)
def test_a_seed_gives_one_value(one):
    assert one.simulate(3) == one.simulate(3)


@pytest.mark.skipif(not FOLDER.exists(), reason="needs ../shared/recordings/physics")
def test_the_same_arithmetic_runs_on_the_held_in_extracts():
    """Their own figures: near what the whole data sets say, not equal to it."""
    found = {one.name: one.measure(FOLDER) for one in STATISTICS}
    held_in = {name: value for name, value in found.items() if value is not None}
    assert len(held_in) == 18
    assert held_in["front to back, yard (dB)"] == pytest.approx(20.5, abs=0.1)
    assert held_in["front to back, room (dB)"] == pytest.approx(9.2, abs=0.1)
    assert held_in["autocorrelation at 0.2 s"] == pytest.approx(0.74, abs=0.01)
    assert held_in["cycles hit, +3 dB"] == pytest.approx(0.75, abs=0.01)
