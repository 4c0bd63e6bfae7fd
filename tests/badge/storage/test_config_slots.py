from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.effects import Erase, Notice
from badge.errors import InputError
from badge.storage import config_slots
from badge.storage.geometry import Geometry
from sim.engine.flash import FlashChip, Torn, of_flash, steps_of

FLASH = Geometry(page_bytes=1536, config_pages=2, ring_pages=5)


def written(*documents: dict) -> FlashChip:
    chip = FlashChip(FLASH)
    for version, document in enumerate(documents, start=1):
        for effect in of_flash(config_slots.write(document, version, FLASH)):
            assert chip.perform(effect)
    return chip


def boot(chip: FlashChip):
    stored = config_slots.read(chip, FLASH)
    for effect in of_flash(stored.effects):
        chip.perform(effect)
    return stored


def test_a_blank_chip_has_none():
    assert boot(FlashChip(FLASH)) == config_slots.StoredConfig(0, None, ())


@given(
    st.lists(
        st.dictionaries(st.text(max_size=9), st.integers() | st.text(max_size=300), max_size=9),
        min_size=1,
        max_size=4,
    )
)
def test_the_newest_is_in_force_and_needs_nothing_more(documents):
    stored = config_slots.read(written(*documents), FLASH)
    assert (stored.version, stored.document) == (len(documents), documents[-1])
    assert stored.effects == ()


def test_one_that_is_too_large_is_refused_with_both_sizes():
    with pytest.raises(InputError, match="4006 bytes are too many for flash; 2944 fit"):
        config_slots.write({"x": "y" * 4000}, 1, FLASH)


@pytest.mark.parametrize("torn", Torn)
def test_a_cut_at_any_byte_leaves_the_old_or_the_new_one_whatever_weak_cells_say(torn):
    old, new = {"n": 1, "x": "o" * 40}, {"n": 2, "x": "n" * 60}
    effects = of_flash(config_slots.write(new, 2, FLASH))
    for at, effect in enumerate(effects):
        stride = 97 if isinstance(effect, Erase) else 1
        for byte in range(0, steps_of(effect, FLASH), stride):
            chip = written(old)
            for before in effects[:at]:
                chip.perform(before)
            chip.cut(effect, byte, torn)
            decided = boot(chip).document
            assert decided in (old, new)
            assert [boot(chip).document for _ in range(3)] == [decided] * 3


def test_a_header_that_was_begun_is_wiped_and_told():
    chip = written({"n": 1})
    effects = of_flash(config_slots.write({"n": 2}, 2, FLASH))
    for effect in effects[:-2]:
        chip.perform(effect)
    chip.cut(effects[-2], 9, Torn.CLEAN)
    stored = boot(chip)
    assert stored.document == {"n": 1}
    assert [type(effect) for effect in stored.effects] == [Erase, Notice]
    assert "version 1 is in force" in stored.effects[1].text
    assert config_slots.read(chip, FLASH).effects == ()


@given(st.binary(min_size=128, max_size=128), st.binary(max_size=200))
def test_any_bytes_in_a_slot_are_survived(area, content):
    class Garbage:
        def read(self, address: int, length: int) -> bytes:
            return (area + content).ljust(2 * FLASH.page_bytes, b"\0")[:length]

    config_slots.read(Garbage(), FLASH)
