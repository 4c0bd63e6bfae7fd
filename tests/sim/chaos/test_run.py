"""Runs of whole fleets: seeds that once failed, determinism, and what a short campaign meets."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sim.chaos.plan.plan import draw_plan
from sim.chaos.plan.seeds import read_seeds
from sim.chaos.proof import Proof
from sim.chaos.run import DELIVERY_MS, PlanRun, prove, prove_seeds, reachable_rows

KNOWN = read_seeds(Path(__file__).parent / "seeds.txt")
SHORT = range(1000, 1016)


@pytest.mark.parametrize("seed", KNOWN)
def test_a_seed_that_once_failed_holds(seed: int) -> None:
    result = prove(draw_plan(seed), twice=False)
    assert result.failure is None, result.failure.text


@pytest.fixture(scope="module")
def short_campaign() -> Proof:
    proof = Proof()
    for result in prove_seeds(SHORT, 2, twice=True):
        proof.add(result)
    return proof


def test_a_short_campaign_holds_every_promise_twice_with_the_same_transcript(
    short_campaign: Proof,
) -> None:
    assert {seed: out.failure for seed, out in short_campaign.failures.items()} == {}
    assert short_campaign.runs == len(SHORT)
    assert short_campaign.badge_hours > 100
    assert short_campaign.healed_after_ms < DELIVERY_MS


def test_a_short_campaign_is_struck_by_every_kind_of_fault(short_campaign: Proof) -> None:
    assert short_campaign.missing_faults == []


def test_a_short_campaign_uses_nearly_all_rows(short_campaign: Proof) -> None:
    assert len(short_campaign.missing_rows) < len(reachable_rows()) // 8


@pytest.mark.slow
def test_the_proof_is_the_same_for_any_number_of_processes(short_campaign: Proof) -> None:
    alone = Proof()
    for result in prove_seeds(SHORT[:4], 1, twice=False):
        alone.add(result)
    together = Proof()
    for result in prove_seeds(reversed(SHORT[:4]), 3, twice=False):
        together.add(result)
    unsteady = {"cpu_s"}
    assert {k: v for k, v in alone.document().items() if k not in unsteady} == {
        k: v for k, v in together.document().items() if k not in unsteady
    }


_PROGRAM = """
from sim.chaos.plan.plan import draw_plan
from sim.chaos.run import PlanRun
print([PlanRun(draw_plan(seed)).go().digest for seed in (12, 18)])
"""


@pytest.mark.slow
def test_the_transcript_does_not_depend_on_the_hash_seed() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", _PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("0", "4711")
    ]
    assert len(set(runs)) == 1
    assert runs[0] == f"{[PlanRun(draw_plan(seed)).go().digest for seed in (12, 18)]}\n"


def test_another_seed_is_another_story() -> None:
    assert PlanRun(draw_plan(18)).go().digest != PlanRun(draw_plan(22)).go().digest


def test_a_run_that_differs_the_second_time_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    digests = iter(("aa", "bb"))
    go = PlanRun.go
    monkeypatch.setattr(PlanRun, "go", lambda self: replace(go(self), digest=next(digests)))
    result = prove(draw_plan(18), twice=True)
    assert result.failure is not None
    assert result.failure.promise == "determinism"


def test_without_faults_nothing_is_lost_refused_or_resent() -> None:
    plan = draw_plan(8)
    calm = replace(plan, minutes=120, faults=dict.fromkeys(plan.faults, 0.0))
    result = PlanRun(calm).go()
    assert result.failure is None
    assert not result.strikes
    assert result.counts["stored"] == result.events - result.counts["dropped"]


def test_whatever_raises_is_a_finding_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(self: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("sim.chaos.workload.Workload._begin_shift", stumble)
    failure = PlanRun(draw_plan(18)).go().failure
    assert failure is not None
    assert failure.promise == "crash"
    assert "ZeroDivisionError('oh') in test_run.py:" in failure.text
    assert failure.last_lines
