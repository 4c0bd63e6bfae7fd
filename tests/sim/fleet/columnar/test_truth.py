"""Rows of truth out of columns are those that are written one by one."""

from sim.fleet.columnar.truth import ColumnTruth
from sim.fleet.output.truth import BadgeTruth
from sim.fleet.upload.backend import ModelBackend
from sim.scenario.plan.roster import Roster
from sim.world.radio import Radio
from tests.badge.host.twins import needs_core
from tests.sim.fleet.story import parameters, source
from tests.sim.scenario.story import SMALL

pytestmark = needs_core


def lived(kind):
    roster = Roster(story := source(SMALL), parameters(story, hours=1.0))
    badge = kind(roster, 0, Radio(roster.parameters.seed), ModelBackend(None))
    badge.run_until(roster.parameters.end_ms)
    badge.finish()
    return roster, badge


def test_lines_and_tables_are_the_same_and_may_be_taken_in_pieces():
    from sim.fleet.columnar.badge import ColumnarBadge
    from sim.fleet.field.badge import FieldBadge

    roster, one = lived(FieldBadge)
    by_row = BadgeTruth(roster.site_plan, one.worn)
    events, truths = by_row.lines(one.store.settled)
    _, other = lived(ColumnarBadge)
    rows, text = other.pump.take_rows()
    by_column = ColumnTruth(roster.site_plan, other.worn)
    cut = len(rows) // 3
    pieces = [by_column.lines_of(rows[:cut], text), by_column.lines_of(rows[cut:], text)]
    assert b"".join(piece[0] for piece in pieces) == b"".join(events)
    assert b"".join(piece[1] for piece in pieces) == b"".join(truths)
    end_ms = roster.parameters.end_ms
    assert by_column.tables(end_ms) == by_row.tables(end_ms)


def test_no_rows_are_no_lines():
    roster, badge = lived_nothing()
    rows, text = badge.pump.take_rows()
    assert ColumnTruth(roster.site_plan, badge.worn).lines_of(rows, text) == (b"", b"")


def lived_nothing():
    from sim.fleet.columnar.badge import ColumnarBadge

    roster = Roster(story := source(SMALL), parameters(story))
    return roster, ColumnarBadge(roster, 0, Radio(3), ModelBackend(None))
