from __future__ import annotations

import pytest

from badge.effects import Erase, Program
from badge.storage.record import RecordKind
from sim.engine.flash import FlashChip
from sim.engine.promises import BrokenPromiseError
from sim.powercut.workload import PLANS, LifeRecorder, draw, known, record


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("seed", [1, 2])
def test_every_workload_laps_the_ring_three_times_and_wears_it_evenly(name, seed):
    trace = record(name, seed)
    assert trace.laps >= 3
    assert max(trace.erases) - min(trace.erases) <= 1
    assert trace.appends >= 70
    assert copies(trace) >= 3, "waiting events must be copied ahead"


def copies(trace) -> int:
    """Count the event records beyond one for each append."""
    ring = trace.geometry.page_address(0)
    effects = [step.effect for step in trace.steps if step.effect.address >= ring]
    events = [e for e in effects if isinstance(e, Program) and e.content[0] == RecordKind.EVENT]
    return len(events) - trace.appends


@pytest.mark.parametrize("seed", range(3, 20))
def test_any_seed_stays_within_the_bytes_that_the_model_does_not_know(seed):
    assert record.__wrapped__("small", seed).laps >= 3


def test_the_recorded_steps_are_the_whole_life_of_the_chip():
    trace = record("small", 1)
    chip = FlashChip(trace.geometry)
    for step in trace.steps:
        assert chip.image() == step.before
        assert chip.perform(step.effect)
    assert chip.image() == trace.final


def test_the_same_seed_is_the_same_life_and_another_is_not():
    again = record.__wrapped__("small", 1)
    assert again.steps == record("small", 1).steps
    assert record("small", 2).steps != again.steps


def test_the_mixed_workload_does_everything():
    plan = PLANS["small"]
    recorder = LifeRecorder(plan.geometry, plan.queue_max)
    names = set()
    for turn, (name, operation) in enumerate(draw(plan, 1, recorder.model)):
        recorder.do(name, operation)
        names.add(name)
        if turn == 200:
            break
    assert names == {"append", "settle", "stamp", "age", "state", "config", "boot"}
    final = known(recorder.model)
    assert final.overflow_count > 0
    assert final.quarantine_count > 3
    assert any(isinstance(step.effect, Erase) for step in recorder.steps)
    assert any(step.bound.refused for step in recorder.steps)


def test_a_journal_that_differs_from_the_model_is_named():
    plan = PLANS["small"]
    recorder = LifeRecorder(plan.geometry, plan.queue_max)
    recorder.journal.save_age(5)
    with pytest.raises(BrokenPromiseError, match=r"state .*: after boot: age_ms 5, not 0"):
        recorder.do("boot", lambda store: ())
