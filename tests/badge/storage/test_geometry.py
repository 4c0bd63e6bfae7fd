from __future__ import annotations

import pytest

from badge.errors import MisuseError
from badge.storage.geometry import OPEN_BYTES, Geometry


def test_the_real_chip_is_a_mebibyte():
    assert Geometry().total_bytes == 1024 * 1024


def test_slots_and_pages_lie_side_by_side_and_fill_the_chip():
    flash = Geometry(page_bytes=1536, config_pages=2, ring_pages=5)
    assert [flash.slot_address(slot) for slot in (0, 1)] == [0, 3072]
    assert [flash.page_address(page) for page in (0, 4)] == [6144, 6144 + 4 * 1536]
    assert flash.total_bytes == flash.page_address(4) + 1536


def test_generations_go_round_the_ring_from_page_0():
    flash = Geometry(page_bytes=1536, ring_pages=5)
    assert [flash.page_of(generation) for generation in range(1, 8)] == [0, 1, 2, 3, 4, 0, 1]


@pytest.mark.parametrize("wrong", [{"page_bytes": 1024}, {"page_bytes": 4100}, {"ring_pages": 4}])
def test_a_ring_that_cannot_hold_its_promises_is_refused(wrong):
    with pytest.raises(MisuseError):
        Geometry(**wrong)


@pytest.mark.parametrize("page_bytes", [1536, 2048, 4096])
def test_the_queue_leaves_room_for_three_pages_and_a_carried_record_for_its_boot(page_bytes):
    flash = Geometry(page_bytes=page_bytes, ring_pages=9)
    assert flash.budget_bytes <= (9 - 3) * (page_bytes - OPEN_BYTES) // 2
    assert flash.record_bytes_max + OPEN_BYTES < flash.room_bytes
