"""Work on all cores: one task per call, its outcome in order or as it comes."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import cache
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Event, Thread
from types import FrameType
from typing import TypeVar

from badge.errors import InputError
from badge.signals import STOPS, outlives_terminal, unheard

_Task = TypeVar("_Task")
_Outcome = TypeVar("_Outcome")

# Enough that no process waits for the parent, few enough that endless tasks cost no memory.
_AHEAD_PER_PROCESS = 4
_left_alone: list[None] = []  # one for each block that is open
OBJECTS_LEFT = 50_000  # that the collector waits for, where it is to look seldom
# Of glibc's mallopt: what it takes from the kernel piece by piece, and gives back from the top.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEPT_BYTES, _WHOLE_BYTES = 128 << 20, 32 << 20


class WorkerLostError(InputError):
    """A process of ours was ended from outside, as by a kernel that is short of memory."""


def cores() -> int:
    """Return how many processes can run at once here."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(
    work: Callable[[_Task], _Outcome], tasks: Iterable[_Task], processes: int
) -> Generator[_Outcome, None, None]:
    """Yield each task's outcome in the order of the tasks, which may be endless.

    One process is this one.  Close the iterator to stop: what has begun is not waited for.
    `work` and the tasks must be picklable.  WorkerLostError if one of the processes was ended.
    """
    if processes == 1:
        yield from map(work, tasks)
        return
    waiting = iter(tasks)
    with _pool(processes) as pool:
        ahead: deque[Future[_Outcome]] = deque()
        for task in islice(waiting, _AHEAD_PER_PROCESS * processes):
            ahead.append(_begun(pool, work, task))
        while ahead:
            outcome = ahead.popleft().result()
            for task in islice(waiting, 1):
                ahead.append(_begun(pool, work, task))
            yield outcome


def as_they_come(
    work: Callable[[_Task], _Outcome], tasks: Iterable[_Task], processes: int
) -> Generator[_Outcome, None, None]:
    """Yield outcomes as soon as they are there; else as `in_order`."""
    if processes == 1:
        yield from map(work, tasks)
        return
    waiting = iter(tasks)
    with _pool(processes) as pool:
        running: set[Future[_Outcome]] = set()
        while True:
            room = _AHEAD_PER_PROCESS * processes - len(running)
            running |= {_begun(pool, work, task) for task in islice(waiting, room)}
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()


def _begun(
    pool: ProcessPoolExecutor, work: Callable[[_Task], _Outcome], task: _Task
) -> Future[_Outcome]:
    with unheard():  # it may start a process
        return pool.submit(work, task)


@contextmanager
def _pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    # Spawned, not forked: a fork would copy the threads and locks of whoever embeds us.
    context = get_context("spawn")
    theirs, ours = context.Pipe(duplex=False)
    with unheard():
        pool = ProcessPoolExecutor(processes, context, _begin, (theirs,))
    try:
        yield pool
        pool.shutdown()
    except BrokenProcessPool:
        raise WorkerLostError("a worker process was ended from outside; run it again") from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        ours.close()
        theirs.close()


def _begin(parent: Connection) -> None:
    """Be one of a pool's processes: signals are the parent's to hear, and without it all ends."""
    leave_to_parent()
    Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Connection) -> None:
    """Wait until the other end of a pipe is closed: by the parent, or since it was killed."""
    with suppress(EOFError, OSError):
        parent.recv_bytes()
    os._exit(0)  # a task that has begun is not waited for


def leave_to_parent(*numbers: signal.Signals) -> None:
    """Ignore signals (all of `STOPS` if none is named): a group hears them, the parent answers."""
    for number in numbers or STOPS:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def asked_to_stop(stop: Event) -> Iterator[None]:
    """Turn the first Ctrl-C, SIGTERM or SIGHUP into a wish to stop; the second one ends at once."""

    wished = False

    def wish(number: int, frame: FrameType | None) -> None:
        nonlocal wished
        if wished:
            raise KeyboardInterrupt
        wished = True
        # By another thread: `set` takes a lock that this one may hold just now, within `wait`.
        Thread(target=stop.set, daemon=True).start()

    before = {}
    try:
        for number in STOPS:
            if not outlives_terminal(number):
                before[number] = signal.signal(number, wish)
    except ValueError:  # not the main thread: whoever runs it there hears Ctrl-C himself
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Let the collector of cycles look seldom, and not at what is there already.

    For work that goes on and on and leaves results, but hardly a cycle: it would be looked through
    again and again.
    """
    often = gc.get_threshold()
    gc.set_threshold(OBJECTS_LEFT, *often[1:])
    try:
        with left_alone():
            yield
    finally:
        gc.set_threshold(*often)


@contextmanager
def left_alone() -> Iterator[None]:
    """Take what is there already out of the collector's rounds, until the outermost block ends."""
    _left_alone.append(None)
    gc.freeze()
    try:
        yield
    finally:
        _left_alone.pop()
        if not _left_alone:
            gc.unfreeze()


@cache
def keep_freed_memory() -> None:
    """Have glibc keep what this process frees, up to 128 MiB, for what it asks for next.

    For work that takes and gives back pieces of a MiB over and over: the kernel would clear each
    of them anew.  Where the C library is another one, nothing changes.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(_MMAP_THRESHOLD, _WHOLE_BYTES)
    mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
