"""The outcome of a comparison for people, 80 columns wide, and for machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from badge.cli import terminal
from badge.words import listed
from sim.reconcile.comparison.derived import Score
from sim.reconcile.comparison.differences import DERIVED, OUT_OF_ORDER, STORED
from sim.reconcile.examples import Examples
from sim.reconcile.reconciliation import Reconciled

_NO_ORDER = "not known: the table has no order of its own; --order-by names a column"
NO_ORDER_OF_PARTS = "not judged: the files of a data set have no order"
GROUPINGS = ("badge", "type", "hour", "place", "answer")
GROUPS_SHOWN = 3
_TRUTH = {"parcel": "parcel of gps events", "worker": "worker of events", "session": "sessions"}


def print_report(
    screen: Console,
    outcome: Reconciled,
    examples: Examples,
    title: str,
    no_order: str = _NO_ORDER,
) -> None:
    """Print what was compared, counts, first examples, and how right the conclusions are.

    `no_order` says why the order is not known, where it is not.
    """
    for words in _compared(outcome, title):
        screen.print(words, soft_wrap=True, markup=False)
    screen.print()
    screen.print(terminal.table("", ("difference", "count", ""), _counts(outcome, no_order)))
    for kind in (*STORED, *DERIVED):
        if kind in examples.of:
            wide = screen.width >= terminal.ROOM_FOR_MS
            lines = [one.words(wide=wide) for one in examples.of[kind]]
            _print_examples(screen, kind, lines, outcome)
    if outcome.groups:
        screen.print()
        screen.print(terminal.table("", ("by", "where", ""), _groups(outcome)))
    _print_scores(screen, outcome)
    if outcome.patterns:
        screen.print("\nwhat they have in common", style="bold")
    for words in outcome.patterns:
        screen.print(Text(f"  {words}"), soft_wrap=True)
    verdict = "clean: every event that was delivered is held once, as it was logged"
    if outcome.is_clean:
        screen.print(f"\n{verdict}", style="bold green")
    else:
        total = sum(outcome.counts[kind] for kind in STORED)
        screen.print(f"\n{_many(total, 'difference')}", style="bold red")


def document(outcome: Reconciled, examples: Examples, title: str) -> dict[str, Any]:
    """Return the same as one JSON object."""
    met = outcome.comparison
    return {
        "clean": outcome.is_clean,
        "store": title,
        "badges": met.badges,
        "expected": met.expected,
        "undelivered": dict(sorted(met.undelivered.items())),
        "undelivered_held": met.undelivered_held,
        "held": met.held,
        "intact": met.intact,
        "differences": {
            kind: None if kind == OUT_OF_ORDER and not outcome.is_ordered else outcome.counts[kind]
            for kind in STORED
        },
        "conclusions": {name: _score(score) for name, score in outcome.scores().items()},
        "session_minutes": outcome.sessions.minutes() if outcome.sessions else None,
        "patterns": outcome.patterns,
        "groups": outcome.groups,
        "examples": {
            kind: [difference.document() for difference in found]
            for kind, found in examples.of.items()
        },
    }


def _compared(outcome: Reconciled, title: str) -> Iterator[str]:
    met = outcome.comparison
    yield f"logged  {_many(met.expected, 'event')} of {_many(met.badges, 'badge')} expected"
    left = met.undelivered.total()
    if left:
        why = ", ".join(f"{count:,} {why}" for why, count in sorted(met.undelivered.items()))
        yield f"        {left:,} more not delivered ({why}), {met.undelivered_held:,} held anyway"
    yield f"held    {_many(met.held, 'row')} in {title}"
    yield f"intact  {met.intact:,}"


def _counts(outcome: Reconciled, no_order: str) -> Iterator[tuple[str, str, str]]:
    for kind in STORED:
        if kind == OUT_OF_ORDER and not outcome.is_ordered:
            yield _words(kind), "-", no_order
        else:
            yield _words(kind), f"{outcome.counts[kind]:,}", ""


def _groups(outcome: Reconciled) -> Iterator[tuple[str, str, str]]:
    """The most frequent values of each grouping; what nothing is known of has no row."""
    for kind in STORED:
        named = outcome.groups.get(kind, {})
        for name in GROUPINGS:
            counts = named.get(name)
            if counts:
                words = listed([f"{value} {n:,}" for value, n in counts.items()], GROUPS_SHOWN)
                yield _words(kind), name, "".join(c if c.isprintable() else "·" for c in words)


def _print_examples(screen: Console, kind: str, lines: list[str], outcome: Reconciled) -> None:
    total = outcome.counts[kind]
    which = "all" if len(lines) == total else f"the first {len(lines)} of {total:,}"
    screen.print(f"\n{_words(kind)} ({which})")
    for line in lines:
        plain = "".join(char if char.isprintable() else "·" for char in line)
        screen.print(Text(f"  {plain}"), no_wrap=True, overflow="ellipsis")


def _print_scores(screen: Console, outcome: Reconciled) -> None:
    scores = outcome.scores()
    if not scores:
        return
    rows = [
        (
            _TRUTH[name],
            score.true,
            score.held,
            score.right,
            _percent(score.precision),
            _percent(score.recall),
        )
        for name, score in scores.items()
    ]
    headings = ("concluded", "true", "held", "right", "precision", "recall")
    screen.print()
    screen.print(terminal.table("", headings, rows))
    if outcome.sessions is not None:
        _print_minutes(screen, outcome.sessions.minutes())


def _print_minutes(screen: Console, minutes: dict[str, float]) -> None:
    screen.print(
        f"session minutes: {minutes['true']:,.1f} true, {minutes['held']:,.1f} held, "
        f"{minutes['common']:,.1f} in both"
    )
    if "start_off_mean" in minutes:
        screen.print(
            f"minutes off: start {minutes['start_off_mean']:.1f} on average, "
            f"{minutes['start_off_max']:.1f} at most; end {minutes['end_off_mean']:.1f}, "
            f"{minutes['end_off_max']:.1f}"
        )


def _score(score: Score) -> dict[str, Any]:
    return {
        "true": score.true,
        "held": score.held,
        "right": score.right,
        "precision": score.precision,
        "recall": score.recall,
    }


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}".replace("%", " %")


def _words(kind: str) -> str:
    return kind.replace("_", " ")


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
