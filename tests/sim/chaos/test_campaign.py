"""Many seeds: those that are known first, then new ones, each once."""

from __future__ import annotations

import pytest

from badge.host.processes import WorkerLostError
from sim.chaos import campaign
from sim.chaos.campaign import Campaign
from sim.chaos.run import PlanResult


@pytest.fixture
def asked(monkeypatch):
    """Every seed that is proven, without proving it; `asked.stop_at` is where Ctrl-C comes."""

    class SeedsSeen(list):
        stop_at = None

    seeds = SeedsSeen()

    def prove_seeds(todo, processes, *, twice, core):
        for seed in todo:
            if seed == seeds.stop_at:
                raise KeyboardInterrupt
            seeds.append(seed)
            yield PlanResult(seed, "aa", 1, 3_600_000, 10, 5)

    monkeypatch.setattr(campaign, "prove_seeds", prove_seeds)
    return seeds


def test_known_seeds_come_first_and_none_twice(asked):
    run = Campaign([7, 2], 1, 5, None, 1, twice=False)
    run.go()
    assert asked == [7, 2, 1, 3, 4, 5, 6]
    assert (run.proof.runs, run.proof.badge_hours, run.interrupted) == (7, 7.0, False)


def test_without_a_number_it_is_a_hundred(asked):
    Campaign([], 1, None, None, 1, twice=False).go()
    assert asked == list(range(1, 101))


def test_so_many_hours_end_it(asked, monkeypatch):
    moments = iter(range(0, 10**9, 600))
    monkeypatch.setattr(campaign, "monotonic", lambda: next(moments))
    Campaign([], 1, None, 1.0, 1, twice=False).go()
    assert 1 <= len(asked) <= 6


def test_ctrl_c_keeps_what_was_proven(asked):
    asked.stop_at = 4
    run = Campaign([], 1, 100, None, 1, twice=False)
    run.go()
    assert run.interrupted
    assert run.proof.runs == 3


def test_a_process_that_is_killed_takes_no_proof_with_it(monkeypatch):
    def lost(seeds, processes, **more):
        yield PlanResult(1, "aa", 1, 3_600_000, 10, 5)
        raise WorkerLostError("a worker process was ended from outside; run it again")

    monkeypatch.setattr(campaign, "prove_seeds", lost)
    run = Campaign((), 1, 5, None, 2, twice=False)
    run.go()
    assert run.proof.runs == 1
    assert "run it again" in str(run.lost)
