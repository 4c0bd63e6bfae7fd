"""Tasks on processes: every outcome once, in order or as it comes, and Ctrl-C is the parent's."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from itertools import count, islice
from operator import neg
from platform import libc_ver

import pytest

from badge.host import processes
from badge.host.processes import (
    WorkerLostError,
    as_they_come,
    asked_to_stop,
    cores,
    in_order,
    keep_freed_memory,
    leave_to_parent,
    left_alone,
    seldom_collected,
)
from badge.signals import STOPS
from tests.command import started


def test_there_is_a_core():
    assert cores() >= 1


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("run", [in_order, as_they_come])
def test_each_task_has_one_outcome(run, processes):
    found = list(run(neg, range(20), processes))
    assert sorted(found) == sorted(-n for n in range(20))
    if run is in_order:
        assert found == [-n for n in range(20)]


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("run", [in_order, as_they_come])
def test_endless_tasks_end_when_nobody_asks_any_more(run, processes):
    asked = []
    outcomes = run(neg, (asked.append(n) or n for n in count()), processes)
    assert len(list(islice(outcomes, 3))) == 3
    outcomes.close()
    assert len(asked) < 30


def answer(number):
    return signal.getsignal(number) is signal.SIG_IGN


def test_a_process_of_ours_leaves_signals_to_its_parent():
    """A terminal, systemd and a closed terminal tell the whole group."""
    assert all(in_order(answer, STOPS, 2))


@pytest.mark.parametrize("run", [in_order, as_they_come])
def test_a_process_that_is_killed_is_told_in_one_sentence(run):
    with pytest.raises(WorkerLostError, match="ended from outside; run it again"):
        list(run(kills_itself, [1, 2, 3], 2))


def kills_itself(_):
    os._exit(1)  # as SIGKILL, on every system


ORPHANED = """import os, signal
from functools import partial
from itertools import repeat
from badge.host.processes import in_order
outcomes = in_order(partial(os.write, 1), repeat(b"begun "), 2)
next(outcomes)
os.kill(os.getpid(), signal.SIGKILL)"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_without_its_parent_a_process_of_ours_ends():
    """They hold this end of the pipe, too: it is closed when the last one is gone."""
    with started(
        [sys.executable, "-c", ORPHANED],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            told, _ = process.communicate(timeout=120)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert b"begun" in told


@pytest.mark.parametrize("how", ["close", "raise"])
def test_a_task_that_has_begun_is_not_waited_for(how):
    """It sleeps for an hour; the pool has threads that Python waits for at its end."""
    before = set(threading.enumerate())
    outcomes = in_order(begins_or_sleeps, [0, 3600, 3600], 2)
    next(outcomes)
    if how == "close":
        outcomes.close()
    else:
        with pytest.raises(KeyboardInterrupt):
            outcomes.throw(KeyboardInterrupt)
    for thread in set(threading.enumerate()) - before:
        thread.join(60.0)
        assert not thread.is_alive(), thread


def begins_or_sleeps(seconds):
    time.sleep(seconds)


def fails(task):
    raise ValueError(task)


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("run", [in_order, as_they_come])
def test_an_error_comes_through(run, processes):
    with pytest.raises(ValueError, match="7"):
        list(run(fails, [7], processes))


@pytest.mark.parametrize("number", STOPS)
def test_the_first_signal_is_a_wish_the_second_ends(number):
    stop, before = threading.Event(), signal.getsignal(number)
    with asked_to_stop(stop):
        os.kill(os.getpid(), number)
        assert stop.wait(60.0)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


def test_a_wish_is_heard_within_a_wait_for_it():
    """The signal comes where `Event.wait` holds the lock that `Event.set` takes."""
    stop = threading.Event()
    with asked_to_stop(stop):
        with stop._cond:
            os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(60.0)


def test_beside_the_main_thread_signals_are_left_alone():
    seen = []

    def run():
        with asked_to_stop(threading.Event()):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]


def test_ignoring_is_for_the_process_that_asks():
    before = signal.getsignal(signal.SIGINT)
    try:
        leave_to_parent(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.fixture
def nothing_left_alone(monkeypatch):
    """The collector's rounds as they are in a program: conftest.py takes all tests out."""
    monkeypatch.setattr(processes, "_left_alone", [])
    gc.unfreeze()
    yield
    gc.freeze()


def test_the_collector_looks_seldom_for_a_while(nothing_left_alone):
    often = gc.get_threshold()
    gc.set_threshold(700)
    try:
        with seldom_collected():
            assert gc.get_threshold()[0] > 700
            assert gc.get_freeze_count() > 0
        assert (gc.get_threshold()[0], gc.get_freeze_count()) == (700, 0)
    finally:
        gc.set_threshold(*often)


def test_what_an_outer_block_took_out_of_its_rounds_stays_out(nothing_left_alone):
    with left_alone():
        with left_alone():
            pass
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() == 0


@pytest.mark.skipif(
    libc_ver()[0] != "glibc" or "LD_PRELOAD" in os.environ,
    reason="another library's malloc keeps what it likes",
)
def test_what_is_freed_is_kept_for_what_is_asked_next():
    """Pieces of many MiB, taken and given back, are cleared by the kernel no more."""
    import resource

    def faults():
        begun = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(50):
            bytes(20 << 20)
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - begun

    keep_freed_memory()
    faults()  # takes it once
    assert faults() < 50 * (20 << 20) / 4096 / 10
