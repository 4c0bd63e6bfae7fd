from __future__ import annotations

import json

import pytest

from tests.paths import RECORDINGS, ROOT

pytest.importorskip("scipy", reason="the fit needs scipy")
from sim.calibration import fit

LONG = RECORDINGS / "ble-walk-straight-long.csv"


@pytest.mark.skipif(not LONG.exists(), reason="needs the real walks in ../shared/recordings")
def test_the_committed_fit_is_what_the_script_fits():
    env, radios, loss, fast_db = fit.fit_environment(fit.possible(fit.read_walk(LONG)))
    held = json.loads((ROOT / "sim" / "world" / "radio_fit.json").read_text())
    for name, value in held["environment"].items():
        near = pytest.approx(value, rel=0.02) if isinstance(value, float) else value
        assert getattr(env, name) == near, name
    assert [one.mac for one in radios] == [one["mac"] for one in held["radios"]]
    assert loss.exponent_se < 0.06
    assert 4.0 < fast_db < 4.6


@pytest.mark.parametrize(("rice_k", "sigma_db"), [(2.1, 4.286)])
def test_rice_k_is_found_from_the_spread(rice_k, sigma_db):
    assert fit.rice_k_of(sigma_db) == pytest.approx(rice_k, abs=0.1)


def test_a_folder_without_the_walks_is_said_in_a_line(tmp_path, capsys):
    assert fit.main([str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "ble-walk-straight-long.csv" in said
    assert said.count("\n") == 1
