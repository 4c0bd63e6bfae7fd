import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.view.model.levels import CELLS_MAX, levels_of

ROWS = st.lists(st.tuples(st.integers(0, 999), st.integers(0, 2), st.integers(0, 10)), max_size=60)


@settings(deadline=None)
@given(ROWS)
def test_levels_count_every_event_once_and_show_every_kind_where_it_was(rows):
    events = {
        "t_ms": np.array([row[0] for row in rows], dtype="<f8"),
        "device": np.array([row[1] for row in rows], dtype="<u2"),
        "kind": np.array([row[2] for row in rows], dtype="<u1"),
    }
    found = levels_of(events, 3, 11, (0.0, 999.0))
    bins = len(found["seen"]) // 3
    assert found["counts"].sum() == len(rows)
    for t_ms, device, kind in rows:
        place = min(int(t_ms / (999.0 / bins)), bins - 1)
        assert found["seen"][device * bins + place] & (1 << kind)
        assert found["counts"][kind * bins + place] > 0


def test_a_large_fleet_has_fewer_bins():
    events = {name: np.zeros(0, dtype="<u2") for name in ("t_ms", "device", "kind")}
    assert len(levels_of(events, 50_000, 11, (0.0, 1.0))["seen"]) <= CELLS_MAX
