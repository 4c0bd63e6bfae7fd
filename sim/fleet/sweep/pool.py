"""Many seeds on all cores; the outcome is the same for any number of processes."""

from __future__ import annotations

import gc
import signal
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from multiprocessing import get_context

from sim.chaos.plan.plan import Plan, draw_plan
from sim.chaos.run import Failure, Outcome, Run

_QUEUED_PER_PROCESS = 3


def prove(plan: Plan, *, twice: bool) -> Outcome:
    """Run a plan; `twice` runs it again, and a transcript with another hash is a failure."""
    with _collecting_later():
        first = Run(plan).go()
        if not twice:
            return first
        second = Run(plan).go()
    cpu_s = first.cpu_s + second.cpu_s
    if first.digest == second.digest and first.failure == second.failure:
        return replace(first, cpu_s=cpu_s)
    text = f"determinism: transcript {first.digest} the first time, {second.digest} the second"
    failure = Failure("determinism", "", text, 0, ())
    return replace(first, cpu_s=cpu_s, failure=first.failure or failure)


@contextmanager
def _collecting_later() -> Iterator[None]:
    """Let no garbage collection look for cycles during a run: it is short, and a tenth faster."""
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.collect()
        gc.enable()
        gc.unfreeze()


def sweep_seeds(
    seeds: Iterable[int], processes: int, *, twice: bool
) -> Generator[Outcome, None, None]:
    """Yield the outcome of each seed's plan as it comes; `seeds` may be endless.

    Close the iterator to stop: runs that have begun are not waited for.
    """
    todo = iter(seeds)
    if processes == 1:
        for seed in todo:
            yield prove(draw_plan(seed), twice=twice)
        return
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _stay_calm)
    try:
        yield from _feed(pool, todo, processes * _QUEUED_PER_PROCESS, twice=twice)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _feed(
    pool: ProcessPoolExecutor, todo: Iterator[int], depth: int, *, twice: bool
) -> Iterator[Outcome]:
    running: set[Future[Outcome]] = set()
    while True:
        for seed in islice(todo, depth - len(running)):
            running.add(pool.submit(_prove_seed, seed, twice))
        if not running:
            return
        done, running = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            yield future.result()


def _prove_seed(seed: int, twice: bool) -> Outcome:
    return prove(draw_plan(seed), twice=twice)


def _stay_calm() -> None:
    """Leave Ctrl-C to the parent, which then cancels."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
