"""A badge in C is written in pieces, and its counts come in the order of its events."""

from sim.fleet.columnar.badge import ColumnarBadge
from sim.fleet.columnar.part import ColumnarPart
from sim.fleet.output import parts
from sim.fleet.output.part_files import OwnFiles
from sim.fleet.upload.backend import ModelBackend
from sim.scenario.plan.roster import Roster
from sim.world.radio import Radio
from tests.badge.host.twins import needs_core
from tests.sim.fleet.story import parameters, source
from tests.sim.scenario.story import SMALL

pytestmark = needs_core


def written(folder, held, monkeypatch):
    monkeypatch.setattr(parts, "ROWS_HELD", held)
    folder.mkdir()
    roster = Roster(story := source(SMALL), parameters(story))
    badge = ColumnarBadge(roster, 0, Radio(3), ModelBackend(None))
    part = ColumnarPart(roster.site_plan, OwnFiles(folder, 0), 0, badge)
    for ms in range(0, roster.parameters.end_ms + 1, 60_000):
        badge.run_until(ms)
        part.flush()
    return part.finish(roster.parameters.end_ms), part.count


def test_pieces_make_the_same_files_as_one(tmp_path, monkeypatch):
    whole, count = written(tmp_path / "whole", 10**6, monkeypatch)
    pieces, _ = written(tmp_path / "pieces", 1, monkeypatch)
    assert whole == pieces
    assert count == whole.events.total() == whole.fates.total() > 100
    assert list(whole.events)[:2] == ["reboot", "shift_start"]
    for name in ("000000.events", "000000.truth"):
        one, other = (tmp_path / where / name for where in ("whole", "pieces"))
        assert one.read_bytes() == other.read_bytes()
