"""The figures of docs/reliability.md: depth 1 whole, depth 2 and 3 in part."""

from __future__ import annotations

from collections import deque

import pytest

from badge.effects import Erase
from badge.entry import Entry
from badge.host.core.store import CJournal
from badge.host.processes import cores
from badge.storage.store import Recovered
from sim.engine.flash import FlashChip, Torn, of_flash, steps_of
from sim.engine.promises import BrokenPromiseError
from sim.engine.streams import plain_stream
from sim.powercut import depths
from sim.powercut.checks import wear_level
from sim.powercut.cut import boot, parse_point
from sim.powercut.depths import (
    ALL_TORN,
    BATCH_POINTS,
    EVERYTHING,
    Scope,
    Task,
    TaskResult,
    damage_tasks,
    perform,
    repeat,
    tasks,
)
from sim.powercut.run import run
from sim.powercut.workload import PLANS, record
from tests.badge.host.twins import needs_core

NOTHING_LOST = Recovered((), (), ())


def proven(todo: list[Task], jobs: int = 1) -> TaskResult:
    total = TaskResult()
    run(todo, jobs, lambda at, outcome: total.add(outcome))
    return total


def test_every_byte_can_be_the_last_one():
    """Depth 1: all bytes, every promise; of the eight torn patterns two in turn from effect to
    effect, one of them at each byte of an erase (`badge powercut`: all).
    """
    todo = [
        task._replace(scope=Scope((ALL_TORN[n % 8], ALL_TORN[(n + 3) % 8]), erase_patterns=1))
        for n, task in enumerate(tasks(1, seed=1))
    ]
    outcome = proven(todo)
    assert outcome.failures == []
    assert outcome.points >= 50_000


@pytest.mark.slow
def test_every_byte_can_be_the_last_one_in_most_patterns():
    """All torn patterns at each byte of a program, six of the eight in turn at each of an erase."""
    outcome = proven(tasks(1, seed=1, scope=Scope(erase_patterns=6)), cores())
    assert outcome.failures == []
    assert outcome.points >= 250_000


def test_every_byte_of_a_recovery_can_be_the_last_one():
    """Depth 2, one effect in 150 of the whole."""
    todo = tasks(2, seed=1)
    assert len(todo) == len(record("appends", 1).steps)
    outcome = proven(todo[7::150])
    assert outcome.failures == []
    assert outcome.points >= 5_000


def test_three_cuts_anywhere():
    """Depth 3, drawn."""
    outcome = proven(tasks(3, seed=1, points=2 * BATCH_POINTS))
    assert outcome.failures == []
    assert outcome.points == 2 * BATCH_POINTS


def test_all_bytes_of_the_small_workload_and_all_patterns_are_tasks_of_depth_1():
    trace = record("small", 1)
    covered = [
        n for task in tasks(1, 1) if task.workload == "small" for n in range(task.first, task.last)
    ]
    assert covered == list(range(len(trace.steps)))
    outcome = perform(Task(1, "small", 1, 20, 22))
    count = sum(steps_of(step.effect, trace.geometry) for step in trace.steps[20:22])
    assert outcome.points == 8 * count
    assert 0 < outcome.images <= outcome.points


def test_the_same_task_proves_the_same_and_so_does_any_split():
    whole = perform(Task(1, "small", 1, 30, 32))
    parts = TaskResult()
    for at in range(30, 32):
        parts.add(perform(Task(1, "small", 1, at, at + 1)))
    assert (whole.points, whole.images) == (parts.points, parts.images)


def test_a_scope_chooses_what_is_cut():
    trace = record("small", 1)
    erase = next(n for n, step in enumerate(trace.steps) if isinstance(step.effect, Erase))
    programs = Scope((Torn.LOW,), erases=False)
    assert perform(Task(1, "small", 1, erase, erase + 1, programs)).points == 0
    erases = Scope((Torn.LOW,), programs=False)
    assert perform(Task(1, "small", 1, erase, erase + 1, erases)).points == 1536
    assert EVERYTHING.torn == tuple(Torn)


@pytest.mark.parametrize(
    "text",
    [
        "small/1/100:5:weak",
        "appends/1/50:9:low/0:3:odd",
        "small/1/81:0:weak/0:2:backward/0:31:high",
    ],
)
def test_a_point_can_be_repeated(text):
    repeat(parse_point(text))


@pytest.mark.parametrize("depth", [2, 3])
def test_a_rule_of_the_chip_broken_in_a_recovery_is_a_failure_with_its_place(monkeypatch, depth):
    def cut_again(*_):
        raise BrokenPromiseError("chip", "a word was programmed before")

    monkeypatch.setattr("sim.powercut.depths.cut_again", cut_again)
    outcome = perform(tasks(depth, seed=1, points=BATCH_POINTS)[0])
    assert {failure.promise for failure in outcome.failures} == {"chip"}
    assert all(failure.options.count("/") == 3 for failure in outcome.failures)


def test_a_failure_says_what_repeats_it(monkeypatch):
    monkeypatch.setattr("badge.storage.recovery.SEQUENCE_RESERVE", 5)
    steps = record("small", 2).steps
    appends = (
        n for n, s in enumerate(steps) if s.bound.post.next_sequence > s.bound.pre.next_sequence
    )
    at = next(n for n in appends if n > 60 and not isinstance(steps[n].effect, Erase))
    outcome = perform(Task(1, "small", 2, at, at + 1))
    assert {failure.promise for failure in outcome.failures} == {"J2"}
    options = outcome.failures[0].options
    assert options.startswith(f"--point small/2/{at}:")
    with pytest.raises(BrokenPromiseError, match="J2"):
        repeat(parse_point(options.removeprefix("--point ")))


def test_damage_is_a_task_too():
    assert [task.workload for task in damage_tasks(["lost", "stuck"], 4)] == ["lost", "stuck"]


def test_a_life_full_of_cuts_wears_the_ring_evenly():
    """J7: a cut while a page is being opened adds one erase of that page, at most."""
    geometry = PLANS["small"].geometry
    chip = FlashChip(geometry)
    rng = plain_stream(1, "cut life")
    ring = slice(2 * geometry.config_pages, None)
    cuts = struck = 0
    while sum(chip.erases[ring]) < 25:
        found = boot(chip)
        for effects in _work(found.journal, found.effects, rng):
            if rng.random() < 0.1 or (len(effects) > 1 and rng.random() < 0.5):
                at = rng.randrange(len(effects))
                deque(map(chip.perform, effects[:at]))
                byte = rng.randrange(steps_of(effects[at], geometry))
                chip.cut(effects[at], byte, rng.choice(list(Torn)))
                cuts += 1
                struck += any(isinstance(effect, Erase) for effect in effects)
                break
            deque(map(chip.perform, effects))
    assert cuts > 20
    assert struck > 5
    wear_level(tuple(chip.erases[ring]), cuts=struck)


def _work(journal, effects, rng):
    """Yield the effects of one thing after the other, beginning with those of the boot."""
    while True:
        yield effects
        number = journal.queue.next_sequence
        if len(journal.queue.entries) > 4:
            effects = of_flash(journal.settle(number - 1, {}))
        else:
            payload = {"text": "e" * rng.randrange(90)}
            entry = Entry(number, "gps", payload, "0.3.1", number, 5)
            effects = of_flash(journal.append(entry, journal.state))


@needs_core
def test_the_journal_in_c_is_cut_in_the_same_tasks():
    """A short version of `badge powercut --core c`, at each depth and with each other damage."""
    whole, twice = tasks(1, seed=1, core=True), tasks(2, seed=1, core=True)
    drawn = tasks(3, seed=1, points=100, core=True)
    scope = Scope(torn=(Torn.LOW, Torn.WEAK), erases=False)
    outcome = proven([*(task._replace(scope=scope) for task in whole[::41]), twice[40], *drawn])
    assert outcome.failures == []
    assert outcome.points >= 1_000


@needs_core
def test_what_python_would_not_find_is_a_broken_promise(monkeypatch):
    forgetful = type("Forgetful", (CJournal,), {"recover": lambda self: NOTHING_LOST})
    monkeypatch.setattr(depths, "CJournal", forgetful)
    outcome = perform(tasks(1, seed=1, core=True)[20])
    assert outcome.failures
    assert outcome.failures[0].options.startswith("--core c --point small/1/")
