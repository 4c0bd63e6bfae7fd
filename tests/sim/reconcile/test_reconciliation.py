import pytest

from badge.errors import InputError
from sim.reconcile.comparison.derived import Conclusions, Score
from sim.reconcile.examples import Examples
from sim.reconcile.reconciliation import Reconciled, Reconciliation
from sim.reconcile.scratch import scratch
from sim.reconcile.stores.names import parse_names
from sim.reconcile.truth import read_truth
from tests.sim.reconcile.site import events, row_of, write_run


class Memory:
    """A store of one table in memory."""

    title = "memory"

    def __init__(self, rows, ordered=True):
        self._rows, self._ordered = rows, ordered

    def columns(self, table):
        return tuple(self._rows[0]) if table == "raw_events" else None

    def tables(self):
        return ["raw_events"]

    def is_ordered(self, table):
        return self._ordered

    def size(self, table):
        return len(self._rows)

    def rows(self, table, columns):
        return ([row[name] for name in columns] for row in self._rows)


def reconciled(tmp_path, rows, order_by=None, ordered=True):
    truth, examples = read_truth(write_run(tmp_path / "run", events(), [])), Examples(9)
    with scratch() as room:
        job = Reconciliation(
            truth,
            Memory(rows, ordered),
            parse_names((), ()),
            room,
            examples,
            lambda words, size, rows: rows,
            order_by,
        )
        return job.run(), examples


def test_any_store_of_the_protocol_is_compared(tmp_path):
    outcome, _ = reconciled(tmp_path, [row_of(one) for one in events()])
    assert outcome.is_clean
    assert (outcome.comparison.expected, outcome.comparison.intact) == (24, 24)


def test_a_row_without_a_key_is_invented_and_the_rest_goes_on(tmp_path):
    rows = [row_of(one) for one in events()]
    rows[3] |= {"device_id": None}
    outcome, examples = reconciled(tmp_path, rows)
    assert dict(outcome.counts) == {"missing": 1, "invented": 1}
    assert examples.of["invented"][0].note == "has no device_id"


def test_an_order_that_is_none_is_refused(tmp_path):
    rows = [row_of(one) for one in events()]
    with pytest.raises(InputError, match="has no column id"):
        reconciled(tmp_path / "id", rows, "id")
    with pytest.raises(InputError, match="neither a whole number nor a moment"):
        reconciled(tmp_path / "type", rows, "event_type")


def test_only_what_is_held_is_scored():
    assert Reconciled().scores() == {}
    scored = Reconciled(conclusions=Conclusions(Score(1, 1, 1), None)).scores()
    assert list(scored) == ["parcel"]


def test_times_that_cannot_be_read_are_told_beside_the_differences(tmp_path):
    rows = [row_of(one) for one in events()]
    rows[0] |= {"event_timestamp": "14-MAR-26 08.32.15"}
    outcome, _ = reconciled(tmp_path, rows)
    assert dict(outcome.counts) == {"altered": 1}
    assert outcome.notes == [
        "1 times of raw_events cannot be read, the first is '14-MAR-26 08.32.15': they are "
        "compared as text"
    ]
