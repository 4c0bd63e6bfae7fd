"""A full disk costs nothing but time."""

from __future__ import annotations

import asyncio

import pytest

from sim.crashtest.disk import FULL_TRIES, disks, fill


@pytest.mark.parametrize("disk", disks(), ids=lambda disk: disk.name)
def test_a_full_disk_is_503_until_there_is_room_and_nothing_acknowledged_is_lost(disk, tmp_path):
    result = asyncio.run(fill(disk, tmp_path))
    assert result.right
    kept = result.statuses.index(503)
    assert kept > 0
    assert result.statuses[kept:] == (*[503] * (FULL_TRIES + 1), 202, 202)
