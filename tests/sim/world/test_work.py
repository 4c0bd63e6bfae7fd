from __future__ import annotations

import numpy as np
import pytest

from badge.errors import InputError
from sim.calibration.estimators import still_spells_an_hour, walking_share
from sim.engine.draws import draws
from sim.world.site import area
from sim.world.walker import Walker
from sim.world.work import ON_FOOT, RIDING, TRIMMING, WORK_KINDS, work_kind

HOUR_MS = 3_600_000
YARD = area("yard", "parcel", [(0, 0), (90, 0), (90, 60), (0, 60)])


def journeys(kind, seeds=8):
    return [
        Walker(draws(seed, "work"), (45.0, 30.0), 0).work(YARD, 4 * HOUR_MS, kind).journey()
        for seed in range(seeds)
    ]


def test_who_works_on_foot_walks_a_third_of_the_time_and_rests_as_often_as_people_do():
    """Hallman 2015: 33 % (sd 12) of manual work is walking; 7 to 26 still spells an hour."""
    found = journeys(ON_FOOT)
    assert 0.25 < np.mean([walking_share(one, 4 * HOUR_MS) for one in found]) < 0.40
    assert 7 < np.mean([still_spells_an_hour(one.changes(), 4.0) for one in found]) < 26


def test_trimming_shakes_in_place_and_an_engine_never_rests():
    assert np.mean([walking_share(one, 4 * HOUR_MS) for one in journeys(TRIMMING)]) < 0.10
    assert all(still_spells_an_hour(one.changes(), 4.0) == 0.0 for one in journeys(RIDING))


@pytest.mark.parametrize("kind", WORK_KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_says_where_its_numbers_are_from(kind):
    assert "decision" in kind.source
    assert work_kind(kind.name) is kind
    assert 0.0 <= kind.felt <= 1.0


def test_an_unknown_kind_is_told_with_those_there_are():
    with pytest.raises(InputError, match="known are: on_foot"):
        work_kind("juggling")
