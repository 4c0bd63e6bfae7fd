"""A trial as a report that can be signed."""

from __future__ import annotations

from hil.gates.figures import at_least
from hil.gates.report import bars, cases, markdown, plot_of
from hil.gates.trial import Measurement, Trial

SHARES = {5: 0.9, 10: 0.2}
SAMPLES = [{"metres": 5, "hit": True}, {"metres": 10, "hit": False}]


def trial(met):
    measured = Measurement((at_least("share", met, 85, " %"),), SAMPLES, SHARES, ("a note",))
    made = Trial("virtual", {"3": lambda tell: measured}, begun="2026-03-14T08:32:15Z")
    made.run("3")
    return made


def test_every_figure_and_sample_is_there():
    text = markdown(trial(90))
    assert "# Exit gates, virtual: passed" in text
    assert "Begun 2026-03-14T08:32:15Z" in text
    assert "| 3 | met | share | 90 % | at least 85 % |" in text
    assert "| 5 | True |" in text
    assert "a note" in text
    assert "Signed off by" in text
    assert "NOT passed" in markdown(trial(80))
    assert "passed" in markdown(Trial("virtual", {}))


def test_junit_has_a_case_for_each_figure_and_the_samples():
    figure, samples = cases(trial(80))
    assert figure.failure == "share: 80 %, wanted at least 85 %"
    assert samples.output.splitlines()[1] == '{"metres": 5, "hit": true}'


def test_bars():
    assert bars({1: 0.5}, {1: "<-"}).count("█") == 20
    (result,) = trial(90).results
    assert plot_of(result).splitlines()[0].endswith("90%  <- at least 85 %")
