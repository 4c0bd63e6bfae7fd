from __future__ import annotations

import pytest

from badge.errors import InputError
from sim.calibration import extracts
from tests.paths import RECORDINGS

FOLDER = RECORDINGS / "physics"
needs_extracts = pytest.mark.skipif(
    not FOLDER.exists(), reason="needs the extracts in ../shared/recordings/physics"
)


@needs_extracts
def test_the_people_who_turned_are_read_facing_by_facing():
    found = extracts.read_turned(FOLDER)
    assert {one.environment for one in found} == {"courtyard", "meeting_room"}
    assert len(found) == 7
    for one in found:
        assert set(one.facing.tolist()) <= set(range(0, 360, 45))
        assert one.t_ms.max() < 8 * 15_000
        assert (one.most_dbm >= one.mean_dbm).all()


@needs_extracts
def test_samples_are_in_order_and_their_channels_told_where_they_are():
    for one in extracts.read_standing(FOLDER):
        assert (one.t_ms[1:] >= one.t_ms[:-1]).all()
        assert set(one.channel.tolist()) == {37, 38, 39}
    assert {0} == {int(c) for one in extracts.read_bench(FOLDER) for c in one.channel}


@needs_extracts
def test_a_route_and_its_fixes_are_two_lists():
    route, fixes = extracts.read_route(FOLDER)
    assert 100 < len(route) < len(fixes)


def test_a_folder_without_them_is_told(tmp_path):
    with pytest.raises(InputError, match=r"ble-body-facing\.csv"):
        extracts.read_turned(tmp_path)


def test_other_columns_are_told(tmp_path):
    (tmp_path / extracts.BENCH).write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=r"not the extract that docs/world.md names"):
        extracts.read_bench(tmp_path)
