"""Tasks on all cores, with their results in the order of the list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing

from badge.host.processes import in_order
from sim.powercut.depths import Task, TaskResult, perform


def run(todo: Sequence[Task], jobs: int, done: Callable[[int, TaskResult], None]) -> None:
    """Perform tasks on `jobs` processes; `done` is told of each, in the order of the list.

    Ends after the first task that found a broken promise, so that the first failure is the same
    for any number of processes.
    """
    with closing(in_order(perform, todo, jobs)) as results:
        for at, result in enumerate(results):
            done(at, result)
            if result.failures:
                return
