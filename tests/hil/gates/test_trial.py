"""Gates that were run: what they came to, and how far they are."""

from __future__ import annotations

from hil.gates import law
from hil.gates.figures import exactly
from hil.gates.trial import TITLES, GateOptions, Measurement, Trial


def trial(*met):
    def gate(value):
        def run(tell):
            tell(0.5, "half of it")
            return Measurement((exactly("n", value, 1),), [{"n": value}])

        return run

    return Trial("virtual", {str(number): gate(value) for number, value in enumerate(met, 1)})


def test_a_trial_has_passed_if_all_that_was_run_has():
    made, told = trial(1, 2), []
    first = made.run("1", lambda share, words: told.append((share, words)))
    assert (first.passed, first.title, made.passed) == (True, TITLES["1"], True)
    assert told == [(0.5, "half of it")]
    assert not made.run("2").passed
    assert not made.passed
    assert [one.key for one in made.results] == ["1", "2"]
    assert made.results[1].samples == [{"n": 2}]


def test_gate_3_is_asked_at_the_distances_of_the_law():
    assert GateOptions().metres == (law.SURE_M, law.BEYOND_M)
