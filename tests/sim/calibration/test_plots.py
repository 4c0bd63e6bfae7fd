from __future__ import annotations

import numpy as np
import pytest

from sim.calibration.plots import Turning, gnss_errors, hit_share
from sim.world.adverts import Tag
from sim.world.environments import YARD


def test_a_turning_wearer_faces_everywhere_equally():
    headings = Turning().heading_at(np.arange(0, 60_000, 100))
    assert np.cos(headings).mean() == pytest.approx(0.0, abs=1e-9)


def test_hits_are_a_share_and_fall_with_distance():
    shares = [hit_share(YARD, d, Tag("A0"), True, seeds=10, cycles=20) for d in (1, 6, 80)]
    assert shares == sorted(shares, reverse=True)
    assert (shares[0], shares[-1]) == (1.0, 0.0)


def test_errors_and_accuracies_come_in_pairs():
    errors, stated = gnss_errors("open", receivers=1, polls=20)
    assert errors.shape == (len(stated), 2)


def test_the_gnss_plot_is_drawn(tmp_path):
    mpl = pytest.importorskip("matplotlib", reason="plots need matplotlib")
    mpl.use("Agg")
    from sim.calibration import plots

    figure = plots.draw_gnss(polls=20)
    assert [axis.get_title().split(":")[0] for axis in figure.axes] == [
        "open",
        "tree_cover",
        "urban",
    ]
    figure.savefig(tmp_path / "gnss.png", dpi=20)
