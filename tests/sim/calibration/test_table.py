from __future__ import annotations

from dataclasses import replace

import pytest

from sim.calibration import table
from sim.calibration.statistics import STATISTICS
from tests.paths import RECORDINGS

FOLDER = RECORDINGS / "physics"


@pytest.fixture(scope="module")
def findings():
    return table.find(table.FAST_SEEDS, FOLDER if FOLDER.exists() else None)


@pytest.mark.parametrize("number", range(len(STATISTICS)), ids=lambda n: STATISTICS[n].name)
def test_the_world_is_as_it_was_measured(findings, number):
    """The fast form of `python -m sim.calibration`: every row holds over a few seeds too."""
    one = findings[number]
    low, high = one.statistic.wanted
    assert one.holds, f"{one.mean:.3f} ± {one.spread:.3f} is not within {low:.3f} to {high:.3f}"


def test_a_world_that_is_wrong_falls_short(findings):
    wrong = replace(findings[0], mean=7.6)
    assert not wrong.holds
    assert table.rows_of([wrong])[0][-1] == "falls short"
    assert "| falls short |" in table.text_of([wrong])


def test_a_picture_for_each_row(findings, tmp_path):
    pytest.importorskip("matplotlib", reason="pictures need matplotlib")
    drawn = table.draw(findings[:4], tmp_path / "new")
    assert [path.name for path in drawn] == ["calibration-01.png", "calibration-02.png"]
    assert all(path.stat().st_size > 3000 for path in drawn)
