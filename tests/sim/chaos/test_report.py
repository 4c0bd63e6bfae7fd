"""How a campaign speaks, in 80 columns."""

from __future__ import annotations

from collections import Counter
from io import StringIO

import pytest
from rich.console import Console

from badge.words import counted
from sim.chaos import report
from sim.chaos.plan.faults import KINDS
from sim.chaos.plan.plan import draw_plan
from sim.chaos.proof import Proof
from sim.chaos.run import Failure, PlanResult


@pytest.fixture
def screen():
    return Console(file=StringIO(), width=80, highlight=False)


def text(screen) -> str:
    return screen.file.getvalue()


def test_a_plan_says_which_faults_are_on_and_off_and_who_is_there(screen):
    plan = draw_plan(18)
    report.print_plan(screen, plan)
    said = text(screen)
    badges = counted(len(plan.badges), "badge")
    assert said.startswith(f"seed 18: {badges} under every fault for ")
    for name, rate in plan.faults.items():
        assert name in (said.partition("off:")[0] if rate else said.partition("off:")[2])
    assert max(map(len, said.splitlines())) <= 80


def test_a_failure_says_how_to_see_it_again_and_smaller(screen):
    failure = Failure("J1", "ACT-00000001", "J1 (…): 7 [x] came twice", 3_723_004, ("a [b] c",))
    report.print_failure(screen, PlanResult(9, "aa", 1, 0, 0, 0, failure=failure))
    said = text(screen)
    assert "seed 9: BROKEN after 1 h 02 min 03.004 s" in said
    assert "7 [x] came twice" in said
    assert "a [b] c" in said
    assert "badge chaos --seed 9" in said
    assert "badge shrink --seed 9" in said


def test_a_proof_has_its_figures_and_what_it_did_not_meet(screen):
    proof = Proof()
    proof.add(PlanResult(1, "aa", 1, 3_600_000, 1234, 5000, strikes=Counter({"outage": 2})))
    report.print_proof(screen, proof, 2.0)
    report.print_strikes(screen, proof)
    report.print_missing(screen, proof)
    said = text(screen)
    assert "1,234" in said
    assert f"1 of {len(KINDS)}" in said
    assert "never struck: power_cut" in said
    assert "never struck: outage" not in said
    assert "1 seed is few: 200 meet everything" in said
