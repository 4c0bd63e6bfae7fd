"""What a run has proven so far, true at any moment."""

from __future__ import annotations

import json

from sim.crashtest.proof import Proof


def test_a_run_that_has_just_begun_has_figures_too():
    figures = Proof(seed=1, badges=50, kills_planned=200).figures()
    assert (figures["kills_under_load"], figures["start_median_s"]) == (0, 0.0)
    assert figures["delivered"] is False
    assert json.loads(json.dumps(figures)) == figures


def test_kills_and_answers_are_told_apart():
    proof = Proof(1, 2, 3, kills_under_load=4, kills_at_start=1, start_s=[0.1, 0.5, 0.2])
    proof.answers.update({"202": 9, "503": 2, "cut": 3, "refused": 1})
    figures = proof.figures()
    assert proof.kills == 5
    assert [
        figures[f"requests_{how}"] for how in ("answered", "unavailable", "cut", "refused")
    ] == [*(9, 2, 3, 1)]
    assert (figures["start_median_s"], figures["start_max_s"]) == (0.2, 0.5)
