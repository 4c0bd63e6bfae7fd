"""What a campaign has proven: sums that do not depend on the order of its runs."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sim.chaos.plan.faults import KINDS
from sim.chaos.proof import Proof
from sim.chaos.run import Failure, PlanResult, reachable_rows

results = st.builds(
    PlanResult,
    seed=st.integers(0, 99),
    digest=st.sampled_from(["aa", "bb"]),
    badges=st.just(1),
    badge_ms=st.integers(0, 10**8),
    events=st.integers(0, 999),
    healed_after_ms=st.integers(0, 10**6),
    counts=st.builds(Counter, st.dictionaries(st.just("boots"), st.integers(1, 9))),
    strikes=st.builds(Counter, st.dictionaries(st.sampled_from([*KINDS]), st.integers(1, 9))),
)


def proof_of(runs) -> dict[str, object]:
    proof = Proof()
    for result in runs:
        proof.add(result)
    return proof.document()


@given(st.lists(results, max_size=6, unique_by=lambda result: result.seed))
def test_order_does_not_matter(runs):
    assert proof_of(runs) == proof_of(reversed(runs))
    assert json.loads(json.dumps(proof_of(runs))) == proof_of(runs)


def test_what_was_never_met_is_named():
    proof = Proof()
    rows = Counter(dict.fromkeys(reachable_rows()[1:], 1))
    strikes = Counter(dict.fromkeys([*KINDS][1:], 1))
    proof.add(PlanResult(1, "aa", 1, 0, 0, 0, strikes=strikes, rows=rows))
    assert proof.missing_faults == [next(iter(KINDS))]
    assert proof.missing_rows == [reachable_rows()[0]]


def test_a_failure_and_another_transcript_change_the_proof():
    right = PlanResult(1, "aa", 1, 0, 0, 0)
    wrong = replace(right, failure=Failure("J1", "ACT-00000001", "J1: 7 twice", 5, ()))
    assert proof_of([wrong])["failures"] == {"1": "J1: 7 twice"}
    assert proof_of([right])["digest"] != proof_of([replace(right, digest="bb")])["digest"]
