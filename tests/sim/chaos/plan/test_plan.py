"""What a seed draws: the same each time, by swarm, and shrinkable without side effects."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from sim.chaos.plan.faults import KINDS
from sim.chaos.plan.plan import draw_design, draw_plan, read_plan

SEEDS = st.integers(0, 2**63 - 1)
PLAN: dict[str, Any] = {"seed": 1, "badges": [0], "minutes": 10, "faults": {}}


@given(SEEDS)
def test_a_seed_draws_one_plan_and_one_crew(seed: int) -> None:
    assert draw_plan(seed) == draw_plan(seed)
    assert draw_design(seed, 3) == draw_design(seed, 3)


@given(SEEDS)
def test_a_plan_survives_its_file(seed: int) -> None:
    plan = draw_plan(seed)
    assert read_plan(json.loads(json.dumps(plan.document())), "file") == plan


def test_a_swarm_switches_every_kind_off_in_some_plans_and_makes_it_wild_in_others() -> None:
    plans = [draw_plan(seed) for seed in range(200)]
    for name, kind in KINDS.items():
        rates = [plan.faults[name] for plan in plans]
        assert 0 < rates.count(0.0) < len(rates)
        assert max(rates) > kind.wild / 2
    assert len(KINDS) >= 16


def test_plans_are_of_the_size_that_the_promised_badge_hours_need() -> None:
    plans = [draw_plan(seed) for seed in range(1000)]
    hours = sum(len(plan.badges) * plan.minutes / 60 for plan in plans)
    assert 10_000 < hours < 12_000  # healing not counted
    assert {len(plan.badges) for plan in plans} == {1, 2, 3, 4, 6, 8}


@pytest.mark.parametrize(
    "change",
    [
        {"seed": "1"},
        {"minutes": 0},
        {"minutes": 1e9},
        {"badges": []},
        {"badges": [0, 0]},
        {"badges": [-1]},
        {"badges": ["0"]},
        {"faults": {"moth": 1.0}},
        {"faults": {"outage": -1}},
        {"faults": {"outage": "often"}},
        {"faults": []},
        {"more": 1},
    ],
)
def test_a_file_that_is_no_plan_is_refused_with_its_place(change: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"^plan\.json: "):
        read_plan(PLAN | change, "plan.json")


@pytest.mark.parametrize("document", [None, [], 3, "plan", {}])
def test_other_json_is_refused_too(document: object) -> None:
    with pytest.raises(InputError):
        read_plan(document, "plan.json")
