"""Tasks on all cores, with their outcomes in the order of the list."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context

from sim.powercut.depths import Outcome, Task, perform

_TASKS_AHEAD = 4  # per process


def run(todo: Sequence[Task], jobs: int, done: Callable[[int, Outcome], None]) -> None:
    """Perform tasks on `jobs` processes; `done` is told of each, in the order of the list.

    Ends after the first task that found a broken promise, so that the first failure is the same
    for any number of processes.
    """
    outcomes = map(perform, todo) if jobs == 1 else _on_processes(todo, jobs)
    for at, outcome in enumerate(outcomes):
        done(at, outcome)
        if outcome.failures:
            return


def _on_processes(todo: Sequence[Task], jobs: int) -> Iterator[Outcome]:
    waiting = iter(todo)
    with ProcessPoolExecutor(jobs, get_context("spawn"), _ignore_interrupt) as pool:
        try:
            ahead: deque[Future[Outcome]] = deque()
            for task in islice(waiting, _TASKS_AHEAD * jobs):
                ahead.append(pool.submit(perform, task))
            while ahead:
                outcome = ahead.popleft().result()
                for task in islice(waiting, 1):
                    ahead.append(pool.submit(perform, task))
                yield outcome
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _ignore_interrupt() -> None:
    """Leave Ctrl-C to the parent, which prints what was proven so far."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
