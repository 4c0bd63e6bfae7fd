"""All tables of the law: total, reachable, and met by the stories that are told in the tests."""

from __future__ import annotations

import pytest

from badge.errors import MisuseError
from badge.machines.firmware import FirmwareIs
from badge.machines.law import TABLES
from badge.machines.table import counting, never
from tests.badge.pair import Pair
from tests.badge.story import random_steps, story_config

BY_NAME = {table.name: table for table in TABLES}


def test_there_is_a_table_for_every_machine():
    assert list(BY_NAME) == [
        "shift",
        "motion",
        "gps",
        "scan",
        "tag",
        "battery threshold",
        "upload",
        "firmware",
    ]


@pytest.mark.parametrize("name", BY_NAME)
def test_every_state_meets_every_fact(name):
    table = BY_NAME[name]
    assert set(table.rows) == {(state, fact) for state in table.states for fact in table.facts}
    assert all(following in table.states for following, _ in table.rows.values())


@pytest.mark.parametrize("name", BY_NAME)
def test_every_state_can_be_reached(name):
    table = BY_NAME[name]
    reached = {table.states[0], FirmwareIs.TRIAL}  # a boot reads from flash that it is on trial
    for _ in table.states:
        reached |= {
            to
            for (at, _), (to, action) in table.rows.items()
            if at in reached and action is not never
        }
    assert reached >= set(table.states)


@pytest.mark.parametrize("name", BY_NAME)
def test_never_rows_raise_whatever_they_are_told(name):
    for following, action in BY_NAME[name].rows.values():
        assert following in BY_NAME[name].states
        if action is never:
            with pytest.raises(MisuseError):
                action(object(), None)


def test_random_stories_use_every_row_that_can_be_met():
    configs = ({}, {"worker_ids": ["W-008"]}, {"gps_timeout_s": 15}, {"upload_interval_s": 60})
    with counting(TABLES) as uses:
        for seed in (6, 25, 37, 42, 48, 51, 53, 54):  # out of 60 tried, these meet all together
            Pair(story_config(**configs[seed % 4])).tell(random_steps(seed, 300))
    unmet = [
        f"{table.name}: {state} × {fact}"
        for table in TABLES
        for (state, fact), (_, action) in table.rows.items()
        if action is not never and not uses[table.name][state, fact]
    ]
    assert unmet == []
