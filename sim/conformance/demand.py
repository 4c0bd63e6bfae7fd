"""The kit in a test of your own: a backend is right, or the test fails with the reasons."""

from __future__ import annotations

from collections.abc import Iterable

from sim.conformance import report
from sim.conformance.kit.check import Level
from sim.conformance.kit.webhook import ReceiverUnderTest
from sim.conformance.run import (
    Conformance,
    UnderTest,
    checks,
    chosen,
    conform,
    hook_checks,
    reach,
)


def demand(
    backend: UnderTest,
    *,
    level: Level = "should",
    only: Iterable[str] = (),
    skip: Iterable[str] = (),
) -> Conformance:
    """Make the checks of a level; gives what they came to.

    AssertionError with the story of each that failed: asked, answered, expected, the clause, and
    how to repeat it.  InputError if nobody is there, or for a word that no check has in its name.
    """
    __tracebackhide__ = True
    among = checks()
    if isinstance(backend, ReceiverUnderTest):
        among = hook_checks(backend.platform.name)
    wanted = chosen(level, only, skip, among)
    reach(backend)
    outcome = conform(backend, wanted)
    failures = outcome.failures(level)
    if failures:
        lines = [report.summary(outcome)]
        for result in failures:
            lines += [f"{result.check.name} ({result.check.level})", *report.lines(result)]
        raise AssertionError("\n".join(lines))
    return outcome
