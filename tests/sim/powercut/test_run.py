from __future__ import annotations

import pytest

from sim.powercut.depths import Task
from sim.powercut.run import run

TASKS = [Task(1, "small", 1, at, at + 1) for at in range(40, 44)]


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.slow
def test_outcomes_come_in_the_order_of_the_tasks_for_any_number_of_processes(jobs):
    told = []
    run(TASKS, jobs, lambda at, outcome: told.append((at, outcome.points, outcome.images)))
    assert [at for at, _, _ in told] == [0, 1, 2, 3]
    alone = []
    run(TASKS, 1, lambda at, outcome: alone.append((at, outcome.points, outcome.images)))
    assert told == alone


def test_nothing_runs_after_the_first_failure(monkeypatch):
    monkeypatch.setattr("badge.storage.recovery.SEQUENCE_RESERVE", 5)
    told = []
    run(TASKS * 2, 1, lambda at, outcome: told.append(bool(outcome.failures)))
    assert told.count(True) == 1
    assert told[-1]
