from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.cycle import KINDS, rates
from sim.calibration import cycle
from sim.calibration.cycle import CRITICAL, Detection, RunLengths, detections, run_lengths, runs_of
from sim.world.cycle import cycle_fit
from sim.world.environments import YARD

EQUAL = RunLengths("equal", np.arange(1, 201), np.arange(1, 201))
OTHER = RunLengths("other", np.arange(1, 201), np.arange(51, 251))


def test_how_far_two_samples_are_apart():
    assert EQUAL.apart == 0.0
    assert EQUAL.holds
    assert OTHER.apart == pytest.approx(0.25)
    assert not OTHER.holds
    assert pytest.approx(0.0607, abs=1e-4) == CRITICAL  # n = 1000 each, alpha = 0.05


def test_runs_are_those_between_two_changes():
    hits, misses = runs_of(YARD, "standing", "cycle", 5)
    assert len(hits) == len(misses) == 5
    assert min(*hits, *misses) >= 1


def test_what_falls_short_is_exit_code_one_and_is_drawn(monkeypatch, tmp_path):
    pytest.importorskip("matplotlib", reason="plots need matplotlib")
    found = [Detection("yard", 5.0, 0.9, 0.91), Detection("yard", 9.0, 0.5, 0.53)]
    monkeypatch.setattr(cycle, "detections", lambda seeds: found)
    monkeypatch.setattr(cycle, "run_lengths", lambda: [EQUAL])
    done = CliRunner().invoke(cycle.main, ["--seeds", "2", "--pictures", str(tmp_path)])
    assert done.exit_code == 1
    assert "FALLS SHORT" in done.output
    assert "2 of 3 hold" in done.output
    assert (tmp_path / "radio-cycle.png").stat().st_size > 10_000


def test_a_parameter_is_found_where_the_means_agree():
    case = cycle.FittedCase(YARD, cycle.standing(cycle.FacingEast()))
    wanted = replace(cycle_fit(), worn_share=0.5)

    class Known(cycle.FittedCase):
        def levels(self, seeds, fit=None):
            return case.levels(seeds, fit or wanted)

    known = Known(YARD, case.badge)
    fit = cycle.fit_one(replace(wanted, worn_share=1.0), "worn_share", [known], 2.0, 4)
    assert fit.worn_share == pytest.approx(0.5, abs=0.02)


@pytest.mark.slow
def test_detection_and_run_lengths_are_those_of_the_samples():
    found = list(detections(40, (4, 9)))
    assert [one for one in found if not one.holds] == []
    runs = list(run_lengths(150))  # the command takes 1000
    assert [one.what for one in runs if one.apart > CRITICAL * (1000 / 150) ** 0.5] == []


@pytest.mark.slow
def test_the_fit_of_few_seeds_is_near_that_of_many():
    few, many = cycle.fitted(2), cycle_fit()
    assert few.worn_share == pytest.approx(many.worn_share, abs=0.5)
    assert few.moving_share == pytest.approx(many.moving_share, abs=0.5)
    assert few.source == many.source


@pytest.mark.slow
def test_a_week_of_a_crew_has_the_near_and_lost_events_of_the_samples():
    found = rates("first-week", seeds=2)  # the command takes all that is shipped
    for kind in KINDS:
        assert found["sample"][kind] > 2_000
        assert found["cycle"][kind] == pytest.approx(found["sample"][kind], rel=0.05)
