"""What a run came to: a line a check, how to repeat a failure, JUnit, JSON, an SVG badge."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

from badge.host.junit import JunitCase
from badge.words import counted
from sim.conformance.run import CheckResult, Conformance
from sim.net.url import without_password


def verdict(result: CheckResult) -> str:
    """passed, FAILED, or skipped."""
    if result.passed:
        return "passed"
    return "skipped" if result.skipped else "FAILED"


def lines(result: CheckResult) -> Iterator[str]:
    """A failure for people: asked, answered, expected, the clause, and how to repeat it."""
    said = result.exchange
    if said is not None:
        yield f"  asked     {_indented(said.request_text())}"
        yield f"  answered  {_indented(said.answer_text())}"
    yield f"  expected  {_indented(result.expected)}"
    yield f"  clause    {result.check.clause}"
    if said is not None:
        yield f"  again     {said.again()}"


def summary(outcome: Conformance) -> str:
    """One sentence: how many passed, failed, and were not made."""
    failed, skipped = outcome.failures(), outcome.skipped
    must = len(outcome.failures("must"))
    words = [f"{outcome.passed} of {counted(len(outcome.results), 'check')} passed"]
    if failed:
        words.append(f"{len(failed)} failed, {must} of them must be passed")
    if skipped:
        words.append(f"{len(skipped)} not made")
    return "; ".join(words)


def document(outcome: Conformance) -> dict[str, Any]:
    """The whole run as JSON."""
    return {
        "url": without_password(outcome.backend.url),
        "passed": outcome.passed,
        "failed": len(outcome.failures()),
        "failed_must": len(outcome.failures("must")),
        "skipped": len(outcome.skipped),
        "checks": [_as_json(result) for result in outcome.results],
    }


def _as_json(result: CheckResult) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": result.check.name,
        "clause": result.check.clause,
        "level": result.check.level,
        "verdict": verdict(result).lower(),
        "ms": round(result.seconds * 1000),
    }
    if result.skipped:
        told["why"] = result.skipped
    if result.expected:
        told["expected"] = result.expected
    if result.exchange is not None:
        told["asked"] = result.exchange.request_text()
        told["answered"] = result.exchange.answer_text()
        told["again"] = result.exchange.again()
    return told


def junit(outcome: Conformance) -> list[JunitCase]:
    """A case a check; one that was not made has the reason as its output."""
    return [
        JunitCase(
            group=f"conform.{result.check.level}",
            name=result.check.name,
            failure="\n".join([f"expected {result.expected}", *lines(result)])
            if result.expected
            else "",
            output=result.skipped and f"not made: {result.skipped}",
            seconds=result.seconds,
        )
        for result in outcome.results
    ]


def svg(outcome: Conformance) -> str:
    """A badge for a README: how many checks of how many are passed, green if all that must be."""
    made = len(outcome.results) - len(outcome.skipped)
    text = html.escape(f"{outcome.passed}/{made} checks")
    must, failed = outcome.failures("must"), outcome.failures()
    colour = "#c0392b" if must else "#b7791f" if failed else "#2e7d32"
    left, right = 108, 12 + 7 * len(text)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="badge conform: {text}"><rect width="{left}" height="20" fill="#444"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{colour}"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" '
        f'text-anchor="middle"><text x="{left / 2}" y="14">badge conform</text>'
        f'<text x="{left + right / 2}" y="14">{text}</text></g></svg>\n'
    )


def _indented(text: str) -> str:
    return text.replace("\n", "\n            ")
