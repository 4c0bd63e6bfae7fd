"""The figures of docs/reliability.md: depth 1 whole, depth 2 and 3 in part."""

from __future__ import annotations

import pytest

from badge.effects import Erase
from sim.fleet.flash import FlashChip, Torn, of_flash, steps_of
from sim.fleet.powercut import boot, parse_point
from sim.fleet.powercut_depths import (
    BATCH_POINTS,
    EVERYTHING,
    Outcome,
    Scope,
    Task,
    damage_tasks,
    perform,
    repeat,
    tasks,
)
from sim.fleet.powercut_promises import BrokenError, wear_level
from sim.fleet.powercut_run import cores, run
from sim.fleet.powercut_workload import PLANS, record
from sim.world.streams import plain_stream


def proven(todo: list[Task]) -> Outcome:
    total = Outcome()
    run(todo, cores(), lambda at, outcome: total.add(outcome))
    return total


def test_every_byte_can_be_the_last_one():
    """Depth 1: all bytes of all effects, all torn patterns, every promise."""
    outcome = proven(tasks(1, seed=1))
    assert outcome.failures == []
    assert outcome.points >= 250_000


def test_every_byte_of_a_recovery_can_be_the_last_one():
    """Depth 2, one effect in sixty of the whole."""
    todo = tasks(2, seed=1)
    assert len(todo) == len(record("appends", 1).steps)
    outcome = proven(todo[7::60])
    assert outcome.failures == []
    assert outcome.points >= 10_000


def test_three_cuts_anywhere():
    """Depth 3, drawn."""
    outcome = proven(tasks(3, seed=1, points=4 * BATCH_POINTS))
    assert outcome.failures == []
    assert outcome.points == 4 * BATCH_POINTS


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
    whole = perform(Task(1, "small", 1, 30, 33))
    parts = Outcome()
    for at in range(30, 33):
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


@pytest.mark.parametrize("text", ["small/1/100:5:weak", "appends/1/50:9:low/0:3:odd"])
def test_a_point_can_be_repeated(text):
    repeat(parse_point(text))


def test_a_failure_says_what_repeats_it(monkeypatch):
    monkeypatch.setattr("badge.recovery.SEQUENCE_RESERVE", 5)
    outcome = perform(Task(1, "small", 2, 60, 61))
    assert {failure.promise for failure in outcome.failures} == {"J2"}
    options = outcome.failures[0].options
    assert options.startswith("--point small/2/60:")
    with pytest.raises(BrokenError, match="J2"):
        repeat(parse_point(options.removeprefix("--point ")))


def test_damage_is_a_task_too():
    assert [task.workload for task in damage_tasks(["lost", "stuck"], 4)] == ["lost", "stuck"]


def test_a_life_full_of_cuts_wears_the_ring_evenly():
    """J7: each cut adds one erase at most, to the page that it struck."""
    geometry = PLANS["small"].geometry
    chip = FlashChip(geometry)
    rng = plain_stream(1, "cut life")
    ring = slice(2 * geometry.config_pages, None)
    struck = 0
    found = boot(chip)
    while sum(chip.erases[ring]) < 5 * 5:
        journal, effects = found.journal, found.effects
        while rng.random() < 0.9 and all(map(chip.perform, effects)):
            state = journal.state
            entry = _event(journal.queue.next_sequence, rng.randrange(90))
            if len(journal.queue.entries) > 4:
                effects = of_flash(journal.settle(entry.sequence_number - 1, {}))
            else:
                effects = of_flash(journal.append(entry, state))
        effect = effects[-1] if rng.random() < 0.5 else effects[0]
        for before in effects[: effects.index(effect)]:
            chip.perform(before)
        struck += isinstance(effect, Erase) or effect.address % geometry.page_bytes == 0
        chip.cut(effect, rng.randrange(steps_of(effect, geometry)), rng.choice(list(Torn)))
        found = boot(chip)
    assert struck > 2
    wear_level(tuple(chip.erases[ring]), cuts=struck)


def _event(number: int, length: int):
    from badge.entry import Entry

    return Entry(number, "gps", {"text": "e" * length}, "0.3.1", number, 5)
