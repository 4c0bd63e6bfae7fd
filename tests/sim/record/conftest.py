"""A walk of ten minutes, for whoever wants one."""

from __future__ import annotations

import pytest

from tests.sim.record.walk_file import write_walk


@pytest.fixture
def short_walk(tmp_path):
    """Ten minutes at a walking pace, a point every ten seconds."""
    path = tmp_path / "walk.gpx"
    write_walk(path, 600, every_s=10)
    return path
