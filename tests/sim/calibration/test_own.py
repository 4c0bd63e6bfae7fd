from __future__ import annotations

import numpy as np
import pytest
import yaml

from badge.errors import InputError
from sim.calibration import own
from sim.scenario.language.model import Scenario
from sim.world.environments import BENCH, HALL, METAL, ROOM, YARD

DWELL_MS, EVERY_MS = 20_000, 200


def afternoon(worn=True, distances=(1.5, 3.0, 6.0)):
    """Eight facings at each distance, twenty seconds each."""
    count = DWELL_MS // EVERY_MS
    rows = [(metres, facing) for metres in distances for facing in range(0, 360, 45)]
    place = np.repeat(np.arange(len(rows)), count)
    facing = np.radians(np.array([row[1] for row in rows], dtype=float))
    return own.Placed(
        np.arange(len(place)) * EVERY_MS,
        np.zeros(len(place), np.int64),
        place,
        np.array([row[0] for row in rows])[place],
        facing[place] if worn else np.full(len(place), np.nan),
        np.zeros(len(place)),
    )


@pytest.mark.parametrize("env", [YARD, METAL], ids=lambda env: env.name)
def test_an_afternoon_in_an_environment_is_found_to_be_of_it(env):
    fitted = own.fit(own.again(afternoon(), env, seed=101))
    assert fitted.like == env.name
    assert fitted.environment.body_db == pytest.approx(env.body_db, abs=3.0)


def test_a_room_is_nearer_to_a_room_than_to_a_yard():
    for seed in (101, 102, 103):
        distances = own.fit(own.again(afternoon(), ROOM, seed)).distances
        assert distances["room"] < distances["yard"]


def test_nobody_wears_a_badge_on_a_bench():
    worn = own.fit(own.again(afternoon(), ROOM, seed=101))
    alone = own.fit(own.again(afternoon(worn=False), BENCH, seed=101))
    assert "bench" not in worn.distances
    assert "bench" in alone.distances
    assert "front to back" not in alone.figures


def test_distances_that_are_alike_tell_no_exponent():
    fitted = own.fit(own.again(afternoon(distances=(2.0, 2.5)), YARD, seed=101))
    assert not fitted.exponent_told
    assert fitted.environment.exponent == 3.0
    assert any("too alike" in sentence for sentence in own.sentences(fitted))


def test_its_yaml_is_the_site_of_a_scenario():
    fitted = own.fit(own.again(afternoon(), HALL, seed=101))
    scenario = Scenario(scenario="own", **yaml.safe_load(fitted.yaml()))
    said = scenario.site.environment
    assert said.like == fitted.like
    assert said.rssi_1m_dbm == fitted.environment.rssi_1m_dbm
    assert said.name == "own"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n", "line 1: the columns must be unix_ms,mac,metres,facing_deg"),
        (",".join(own.COLUMNS) + "\n", "no row under the header"),
        (",".join(own.COLUMNS) + "\n1,AA,x,0\n", "line 2: not a row"),
        (",".join(own.COLUMNS) + "\n1,AA,0,0\n", "line 2: 0 m is not above 0"),
        (",".join(own.COLUMNS) + "\n1,AA,1," + "9" * 140_000, "not CSV .field larger"),
    ],
)
def test_a_truth_that_is_none_is_told_with_its_line(tmp_path, text, said):
    path = tmp_path / "truth.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        own.read_truth(path)


def test_a_truth_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        own.read_truth(tmp_path / "nothing.csv")
