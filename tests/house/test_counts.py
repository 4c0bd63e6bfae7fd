"""A count agrees with its noun, in everything that the program says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.paths import ROOT

# Where a count stands by its noun without `counted`, and why.
WRITTEN_OUT = {
    "sim/notecard": "what a card or Notehub says on the wire, word for word",
    "sim/ingest/api": "the contract's own sentences",
    "sim/conformance/checks": "names of checks: their numbers are those of a table",
    "sim/conformance/webhooks": "names of checks: their numbers are those of a table",
    "sim/chaos/checks": "a broken promise, for who reads the transcript beside it",
    "sim/chaos/rig": "lines of a transcript, which has a hash",
    "sim/conformance/report.py": "a picture's M/N checks",
    "sim/platforms/schemas.py": "faults of a batch that is empty or too large",
    "sim/scenario/power.py": "days with two decimals",
    "sim/calibration": "a report for who fits the model",
    "badge/storage": "sizes that are over a bound of hundreds",
    "badge/host/core/store.py": "sizes that are over a bound of hundreds",
    "sim/reconstruct/cli.py": "a number that is over one",
    "sim/record/cli.py": "a number that is over one",
    "sim/scenario/plan/captures.py": "a number that is over one",
    "sim/view/open.py": "a number that is over one",
    "sim/view/sources/run_folder.py": "a number that is over one",
}

# Constants and bounds of the program, a platform's title: no counts.
_BOUND = re.compile(r"\b_?[A-Z]{2}[A-Z_]+\b|(_max|\blimit|title)$")


def test_every_count_before_a_noun_goes_through_the_one_function():
    texts = {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
        for room in ("badge", "sim", "hil")
        for path in (ROOT / room).rglob("*.py")
    }
    nouns = {noun for text in texts.values() for noun in _nouns(text)}
    assert {"events", "batches", "properties"} <= nouns
    stands = re.compile(rf"\}} (more )?({'|'.join(nouns)})\b")  # else there is nothing to parse
    found = [
        f"{name}:{line}: {words}"
        for name, text in texts.items()
        if not name.startswith(tuple(WRITTEN_OUT)) and stands.search(text)
        for line, words in _written_out(ast.parse(text), nouns)
    ]
    assert not found, "\n".join(["say it with badge.words.counted", *found])


def test_the_rule_sees_a_count_that_is_written_out():
    tree = ast.parse('f"{n} events, {LIMIT} events, {rate:,.0f} events/s, {n} eventshops"')
    assert [text for _, text in _written_out(tree, {"events"})] == ["{n} events"]


def test_no_place_is_excused_in_which_there_is_nothing():
    assert [place for place in WRITTEN_OUT if not Path(ROOT / place).exists()] == []


def _nouns(text: str) -> Iterator[str]:
    """Yield the nouns, as of several, that a module gives to `counted`."""
    for call in re.findall(r"counted\([^\n]*?((?:, [\"'][a-z -]+[\"'])+)\)", text):
        *one, last = re.findall(r"[\"']([a-z -]+)[\"']", call)
        yield (last if one else f"{last}s").partition(" ")[0]


def _written_out(tree: ast.AST, nouns: set[str]) -> Iterator[tuple[int, str]]:
    """Yield where a value stands right before a noun; constants of the program are over one."""
    for text in ast.walk(tree):
        if not isinstance(text, ast.JoinedStr):
            continue
        for value, behind in zip(text.values, text.values[1:], strict=False):
            if not (isinstance(value, ast.FormattedValue) and isinstance(behind, ast.Constant)):
                continue
            said = re.match(r" (?:more (?=\w))?([a-z-]+)\b(?![/-])", str(behind.value))
            name = ast.unparse(value.value)
            if said and said[1] in nouns - {"more", "were"} and not _BOUND.search(name):
                yield value.lineno, f"{{{name}}} {said[1]}"
