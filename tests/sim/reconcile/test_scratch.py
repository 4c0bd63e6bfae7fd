import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from sim.reconcile import scratch as module
from sim.reconcile.scratch import scratch

ROWS = st.lists(st.tuples(st.text(), st.integers(-(2**63), 2**63 - 1)))


@given(ROWS)
def test_rows_come_back_in_the_order_of_their_columns(rows):
    with scratch() as room:
        room.fill("t", 2, rows)
        assert list(room.ordered("t", 0, 1)) == sorted(rows, key=lambda r: (r[0].encode(), r[1]))


def test_a_disk_without_room_is_one_sentence(monkeypatch):
    class Full:
        def execute(self, *_):
            raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(InputError, match="SQLITE_TMPDIR"):
        module.Scratch(Full()).fill("t", 1, [(1,)])
