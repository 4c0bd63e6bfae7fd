"""Tables are total, count their uses, and `never` means it."""

from __future__ import annotations

from enum import StrEnum

import pytest

from badge.errors import MisuseError
from badge.machines.table import Table, counting, ignore, never


class Is(StrEnum):
    ON = "on"
    OFF = "off"


class Fact(StrEnum):
    PUSHED = "pushed"


ROWS = {(Is.ON, Fact.PUSHED): (Is.OFF, ignore), (Is.OFF, Fact.PUSHED): (Is.ON, ignore)}


def test_a_total_table_is_taken():
    table = Table("light", Is, Fact, ROWS)
    assert (table.name, table.states, table.facts) == ("light", tuple(Is), tuple(Fact))


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ({(Is.ON, Fact.PUSHED): (Is.OFF, ignore)}, "off × pushed"),
        ({**ROWS, (Fact.PUSHED, Is.ON): (Is.ON, ignore)}, "stranger"),
    ],
)
def test_a_table_with_a_row_too_few_or_too_many_is_refused(rows, word):
    with pytest.raises(MisuseError, match=word):
        Table("light", Is, Fact, rows)


def test_never_raises_and_ignore_does_nothing():
    with pytest.raises(MisuseError, match="Table"):
        never(Table("light", Is, Fact, ROWS))
    assert ignore(object(), 1, 2) is None


def test_uses_of_rows_are_counted_inside_the_context_only():
    table = Table("light", Is, Fact, ROWS)
    with counting([table]) as uses:
        for state in (Is.ON, Is.ON, Is.OFF):
            assert table.rows[state, Fact.PUSHED]
    assert table.rows[Is.ON, Fact.PUSHED]
    assert uses == {"light": {(Is.ON, Fact.PUSHED): 2, (Is.OFF, Fact.PUSHED): 1}}
