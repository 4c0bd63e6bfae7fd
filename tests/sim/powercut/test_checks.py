"""Each promise can be broken: a boot that keeps them all, changed in one thing at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from badge.entry import Entry
from badge.storage.store import Recovered
from sim.engine.flash import FlashChip
from sim.engine.promises import BrokenPromiseError
from sim.powercut.checks import PROMISES, JudgedBoot, wear_level
from sim.powercut.cut import boot
from sim.powercut.workload import Bound, known, record


def kept() -> JudgedBoot:
    trace = record("small", 1)
    found = boot(FlashChip(trace.geometry, trace.final))
    bound = trace.steps[-1].bound.post
    return JudgedBoot(
        found.journal, trace.geometry, found.recovered, Bound(bound, bound), 0, 7, 0, 0
    )


def judge(case: JudgedBoot) -> None:
    for promise in PROMISES:
        promise(case)


def test_a_clean_boot_keeps_them_all():
    judge(kept())


def stranger(now):
    return Entry(now.next_sequence - 1, "gps", {}, "0.3.1", 1)


CHANGES = {
    "J1 number again": ("J1", lambda n: n._replace(next_sequence=n.next_sequence - 1)),
    "J1 twice in the queue": ("J1", lambda n: n._replace(entries=(*n.entries, n.entries[-1]))),
    "J2 jump": ("J2", lambda n: n._replace(next_sequence=n.next_sequence + 1)),
    "J3 lost": ("J3", lambda n: n._replace(entries=n.entries[1:])),
    "J3 changed": (
        "J3",
        lambda n: n._replace(entries=(replace(n.entries[0], unix_ms=4), *n.entries[1:])),
    ),
    "J4 floor fell": ("J4", lambda n: n._replace(floor=n.floor - 1)),
    "state": ("state", lambda n: n._replace(state=replace(n.state, boot_age_ms=99))),
    "clock": ("state", lambda n: n._replace(age_ms=n.age_ms - 1)),
    "config": ("config", lambda n: n._replace(config={"n": 99})),
    "quarantine": ("quarantine", lambda n: n._replace(quarantined=n.quarantined[1:])),
    "count": ("quarantine", lambda n: n._replace(quarantine_count=0)),
    "overflow": ("overflow", lambda n: n._replace(overflow_count=n.overflow_count + 1)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_one_change_breaks_its_promise(name):
    promise, change = CHANGES[name]
    case = kept()
    case.now = change(case.now)
    with pytest.raises(BrokenPromiseError) as caught:
        judge(case)
    assert caught.value.promise == promise


@pytest.mark.parametrize("work", [{"reads": 12}, {"ring_erases": 2}, {"config_erases": 2}], ids=str)
def test_too_much_work_breaks_j6(work):
    with pytest.raises(BrokenPromiseError, match="J6"):
        judge(replace_in(kept(), **work))


def replace_in(case: JudgedBoot, **changes) -> JudgedBoot:
    for name, value in changes.items():
        setattr(case, name, value)
    return case


def test_a_report_of_what_is_not_lost_breaks_j8():
    with pytest.raises(
        BrokenPromiseError, match=r"J8 .*: \[3, 4\] reported as lost without damage"
    ):
        judge(replace_in(kept(), recovered=Recovered((), ((3, 4),), ())))


def test_rot_that_is_not_reported_breaks_j8():
    case = kept()
    first = case.now.entries[0].sequence_number
    case.now = case.now._replace(entries=case.now.entries[1:])
    with pytest.raises(BrokenPromiseError, match="damaged and not reported"):
        judge(replace_in(case, rotten=frozenset({first})))
    judge(replace_in(case, recovered=Recovered((), ((first, first),), ())))


def test_a_complete_event_called_unfinished_breaks_j8():
    with pytest.raises(BrokenPromiseError, match="J8"):
        judge(replace_in(kept(), recovered=Recovered((), (), (1,))))


def test_wear_may_differ_by_one_and_by_one_more_for_each_cut():
    wear_level((3, 4, 3))
    wear_level((3, 5, 3), cuts=1)
    with pytest.raises(BrokenPromiseError, match=r"J7 .*: pages were erased 3 to 5 times"):
        wear_level((3, 5, 3))


def test_what_is_known_does_not_change_with_the_queue():
    trace = record("small", 1)
    found = boot(FlashChip(trace.geometry, trace.final))
    before = known(found.journal)
    copied = tuple(replace(entry) for entry in before.entries)
    found.journal.queue.stamp(77)
    for entry in found.journal.queue.entries:
        entry.unix_ms = 1
    assert before.entries == copied
