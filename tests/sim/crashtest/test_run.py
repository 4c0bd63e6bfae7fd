"""Ten kills of a real server lose nothing; servers with a bug are caught."""

from __future__ import annotations

import asyncio

import pytest

from sim.crashtest.plan import Kill, KillPlan, draw_plan
from sim.crashtest.proof import Proof
from sim.crashtest.run import CrashRun
from sim.crashtest.server import COMMAND
from sim.engine.promises import KEPT, SOUND, STATUS, UNALTERED, WHOLE
from tests.sim.crashtest.site import mutant

ANSWERS_TOO_EARLY = """
import time
import sim.ingest.http.writer as w
def work(self):
    while group := self._next_group():
        with self._store.group():
            results = [w._run(waiting.ask) for waiting in group]
            group[0].loop.call_soon_threadsafe(w._hand_out, group, results)
            time.sleep(0.05)
w.Writer._work = work
"""
_ADD = """
from sim.ingest.store.sqlite import SqliteStore
from sim.ingest.store.values import Added
add = SqliteStore.add_batch
def worse(self, events, at):
    {}
    return Added(len(events), 0, 0)
SqliteStore.add_batch = worse
"""
KEEPS_ALL_BUT_THE_LAST = _ADD.format("add(self, events[:-1] or events, at)")
KEEPS_OTHER_CONTENT = _ADD.format(
    "add(self, [{**event, 'payload': {'lat': 0.0}} for event in events], at)"
)
REFUSES = """
from sim.ingest.api import answers
from sim.ingest.api.ingest import Ingest
Ingest.post_events = lambda self, headers, raw: answers.refused_batch(400, "all_rejected", "no")
"""


def carried_out(plan, folder, command=COMMAND):
    proof, told = Proof(plan.seed, len(plan.batch_events), len(plan.kills)), []
    run = CrashRun(plan, proof, folder, lambda so_far: told.append(so_far.kills), command)
    asyncio.run(run.go())
    return proof, told


def test_ten_kills_under_load_and_one_at_the_start_lose_nothing(tmp_path):
    plan = draw_plan(1, 10, 50)
    proof, told = carried_out(plan, tmp_path)
    assert proof.broken is None
    assert proof.delivered
    assert told == list(range(1, 12))
    assert (proof.kills_under_load, proof.kills_at_start) == (10, 1)
    assert proof.audits == 12
    assert proof.events_kept == proof.events_acknowledged > 1000
    # Most kills came under load; on a machine that others use some find nobody waiting.
    assert proof.answers["cut"] > 5


@pytest.mark.parametrize(
    ("bug", "promises"),
    [
        (ANSWERS_TOO_EARLY, {KEPT}),
        (KEEPS_ALL_BUT_THE_LAST, {KEPT, WHOLE}),
        (KEEPS_OTHER_CONTENT, {UNALTERED}),
        (REFUSES, {STATUS}),
        ("raise SystemExit(3)", {SOUND}),
    ],
)
@pytest.mark.slow
def test_a_server_with_a_bug_is_caught(tmp_path, bug, promises):
    plan = KillPlan(1, (Kill("load", 30),) * 5, (5,) * 8)
    proof, _ = carried_out(plan, tmp_path, mutant(bug))
    assert proof.broken is not None
    assert proof.broken.split()[0] in promises
    assert not proof.delivered
