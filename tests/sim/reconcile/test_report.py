from collections import Counter

from rich.console import Console

from sim.reconcile.comparison.differences import MISSING, Difference
from sim.reconcile.comparison.join import Comparison
from sim.reconcile.examples import Examples
from sim.reconcile.reconciliation import Reconciled
from sim.reconcile.report import document, print_report


def reconciled(**counts):
    comparison = Comparison(badges=1, expected=3, held=2, intact=2)
    comparison.undelivered["queued"] = 4
    return Reconciled(comparison, Counter(counts), is_ordered=False)


def said(outcome, examples):
    screen = Console(width=80, record=True)
    print_report(screen, outcome, examples, "store.db")
    return screen.export_text()


def test_a_clean_store_is_said_to_be_clean():
    text = said(reconciled(), Examples(5))
    assert "clean: every event that was delivered is held once" in text
    assert "4 more not delivered (4 queued), 0 held anyway" in text
    assert "-        not known: the table has no order of its own" in text


def test_differences_are_counted_and_the_first_are_shown():
    examples = Examples(1)
    examples.found(Difference(MISSING, "ACT-00000001", 7, note="\x1b[31mgps"))
    text = said(reconciled(missing=2), examples)
    assert "missing (the first 1 of 2)" in text
    assert "2 differences" in text
    assert "\x1b[31m" not in text


def test_the_document_says_the_same():
    made = document(reconciled(missing=1), Examples(0), "store.db")
    assert (made["clean"], made["differences"]["missing"]) == (False, 1)
    assert made["differences"]["out_of_order"] is None
    assert made["undelivered"] == {"queued": 4}
