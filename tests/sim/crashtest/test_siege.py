"""Every abuse gets its answer from a real server, and its memory stays bounded."""

from __future__ import annotations

import asyncio

import pytest

from sim.conformance.kit.abuse import NAMES
from sim.crashtest.siege import PEAK_BYTES_MAX, AbuseResult, Siege, besiege
from sim.engine.promises import BOUNDED, BrokenPromiseError
from tests.sim.crashtest.site import mutant

PATIENCE_S = 8.0  # of the server: on a busy machine an honest client takes seconds, too

LEAKS = """
from sim.ingest.api.ingest import Ingest
post, kept = Ingest.post_events, []
def leaking(self, headers, raw):
    kept.append(raw * 2)
    return post(self, headers, raw)
Ingest.post_events = leaking
"""


def test_every_abuse_is_answered_as_it_must_be_within_bounded_memory(tmp_path):
    siege = Siege()
    asyncio.run(besiege(siege, tmp_path, siege.results.append, patience_s=PATIENCE_S, rounds=2))
    assert [result.name for result in siege.results if not result.right] == []
    assert {result.name for result in siege.results} > set(NAMES)
    assert len(siege.memory) >= 3
    assert 0 < siege.memory_peak <= PEAK_BYTES_MAX


@pytest.mark.slow
def test_a_server_that_keeps_what_it_was_sent_is_caught(tmp_path):
    siege = Siege()
    with pytest.raises(BrokenPromiseError) as broken:
        asyncio.run(
            besiege(
                siege,
                tmp_path,
                siege.results.append,
                patience_s=PATIENCE_S,
                rounds=2,
                command=mutant(LEAKS),
            )
        )
    assert broken.value.promise == BOUNDED


def test_one_wrong_answer_among_many_is_wrong():
    assert AbuseResult("x", (202, 503), (202, 503, 202), 0.1).right
    assert not AbuseResult("x", (202,), (202, 503), 0.1).right
