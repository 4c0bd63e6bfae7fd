"""A run over several processes: shards out, progress and outcomes back, the same bytes always."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from threading import BrokenBarrierError, Event
from typing import Any

from badge.errors import BadgeError, InputError
from badge.host.processes import WorkerLostError, asked_to_stop, leave_to_parent
from badge.host.telemetry.watch import TELEMETRY, Handed
from badge.signals import unheard
from sim.fleet.job import Job, Progress
from sim.fleet.output.parts import BadgeResult
from sim.fleet.shard import Shard

POLL_S = 0.25
READY_S = 120.0
_TOTALS = ("answers", "waited_s", "connects", "connecting_s", "python_badges", "core_steps")
BADGES_TOGETHER, SHARES_LEAST = 64, 8  # so that all processes end at about the same time
BADGES_A_PROCESS = 25  # fewer are done before another process has started


@dataclass(slots=True)
class Finished:
    """All outcomes in order of the badges, how it went, and what ended it early."""

    results: list[BadgeResult] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    trouble: str | None = None
    interrupted: bool = False

    def add(
        self, results: list[BadgeResult], figures: dict[str, float], trouble: str | None
    ) -> None:
        """Take in what one process has done."""
        self.results = sorted([*self.results, *results], key=lambda one: one.index)
        for name, value in figures.items():
            total = name in _TOTALS
            before = self.figures.get(name, 0.0)
            self.figures[name] = before + value if total else max(before, value)
        self.trouble = self.trouble or trouble


def processes_for(job: Job, cpus: int) -> int:
    """Choose how many processes are worth their start."""
    return max(1, min(cpus, job.parameters.badges // BADGES_A_PROCESS))


def shares_of(job: Job, processes: int) -> list[list[int]]:
    """Deal the badges out, some that stand beside each other at a time: they share their files."""
    badges = job.parameters.badges
    is_live = job.target is not None or job.speed is not None
    most = 1 if is_live else max(1, min(BADGES_TOGETHER, badges // (processes * SHARES_LEAST)))
    shares: list[list[int]] = [[] for _ in range(processes)]
    for number, first in enumerate(range(0, badges, most)):
        shares[number % processes] += range(first, min(first + most, badges))
    return shares


def run_job(job: Job, processes: int, tell: Callable[[Progress], None]) -> Finished:
    """Run all badges; Ctrl-C or SIGTERM ends it politely, twice at once."""
    stop = Event()
    with asked_to_stop(stop):
        run = _run_here if processes == 1 else _run_apart
        finished = run(job, processes, tell, stop)
    finished.interrupted = stop.is_set()
    return finished


def _run_here(job: Job, _: int, tell: Callable[[Progress], None], stop: Event) -> Finished:
    shard = Shard(job, range(job.parameters.badges), tell, stop.is_set)
    finished = Finished()
    finished.add(shard.run(), shard.figures, shard.trouble)
    return finished


def _run_apart(job: Job, processes: int, tell: Callable[[Progress], None], stop: Event) -> Finished:
    context = get_context("spawn")  # a fork would copy the threads of whoever embeds us
    with unheard():
        stopped, ready = context.Event(), context.Barrier(processes)
    workers: dict[Connection, Any] = {}
    shares = shares_of(job, processes)
    try:
        for number in range(processes):
            ours, theirs = context.Pipe(duplex=False)
            indexes = shares[number]
            worker = context.Process(
                target=_work,
                args=(job, indexes, theirs, stopped, ready, TELEMETRY.handed_on()),
                daemon=job.core is None,  # a core has a process of its own below this one
            )
            with unheard():
                worker.start()
            theirs.close()
            workers[ours] = worker
        return _listen(list(workers), tell, stop, stopped)
    finally:
        stopped.set()
        try:
            for worker in workers.values():
                worker.join(timeout=5.0)
        finally:  # also where a second Ctrl-C comes
            for worker in workers.values():
                if worker.is_alive():
                    worker.kill()


def _listen(
    pipes: list[Connection], tell: Callable[[Progress], None], stop: Event, stopped: Any
) -> Finished:
    latest: dict[int, Progress] = {}
    finished = Finished()
    numbers = {id(pipe): number for number, pipe in enumerate(pipes)}
    while pipes:
        if stop.is_set() or finished.trouble:
            stopped.set()
        for pipe in wait(pipes, POLL_S):
            assert isinstance(pipe, Connection)
            kind, content = _receive(pipe)
            if kind == "progress":
                latest[numbers[id(pipe)]] = content
            elif kind == "done":
                finished.add(*content)
                pipes.remove(pipe)
            else:
                raise content
        tell(_sum(list(latest.values())))
    return finished


def _receive(pipe: Connection) -> tuple[str, Any]:
    try:
        kind, content = pipe.recv()
    except EOFError:
        return "failed", WorkerLostError("a worker process was ended from outside")
    return kind, content


def _sum(parts: Sequence[Progress]) -> Progress:
    if not parts:
        return Progress()
    badge_ms, sim_ms, *counts = (sum(column) for column in zip(*map(astuple, parts), strict=True))
    return Progress(badge_ms, sim_ms // len(parts), *counts)


def _work(
    job: Job,
    indexes: Sequence[int],
    pipe: Connection,
    stopped: Any,
    ready: Any,
    telemetry: Handed,
) -> None:
    """Be one of the run's processes; signals are the parent's to hear."""
    leave_to_parent()
    try:
        shard = Shard(
            job,
            indexes,
            lambda progress: pipe.send(("progress", progress)),
            stopped.is_set,
            lambda: _wait_for_all(ready),
        )
        with TELEMETRY.joined(telemetry):
            results = shard.run()
        pipe.send(("done", (results, shard.figures, shard.trouble)))
    except BrokenPipeError:
        return  # the parent is gone
    except OSError as error:  # a full disk, say: the parent knows what helps
        pipe.send(("failed", error))
    except BadgeError as error:
        pipe.send(("failed", InputError(str(error))))


def _wait_for_all(ready: Any) -> None:
    """Begin together, so that one clock on the wall serves all."""
    try:
        ready.wait(READY_S)
    except BrokenBarrierError:
        raise InputError("a worker process did not start; run it again with --jobs 1") from None
