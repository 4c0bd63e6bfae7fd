from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.effects import Erase, Notice, Program
from badge.errors import MisuseError
from badge.storage.geometry import Geometry
from sim.engine.flash import FlashChip, Torn, of_flash, steps_of, torn_erase, torn_program

FLASH = Geometry(page_bytes=1536, config_pages=1, ring_pages=5)
contents = st.binary(min_size=1, max_size=12).map(lambda words: words * 4)
torns = st.sampled_from(Torn)


def fresh(*effects: Program | Erase) -> FlashChip:
    chip = FlashChip(FLASH)
    for effect in effects:
        assert chip.perform(effect)
    return chip


@given(contents)
def test_what_was_programmed_is_read_until_it_is_erased(content):
    chip = fresh(Program(1536, content))
    assert chip.read(1536, len(content)) == content
    assert chip.perform(Erase(1536))
    assert chip.read(1536, 1536) == b"\xff" * 1536
    assert chip.perform(Program(1536, content))
    assert chip.damage() == []


@pytest.mark.parametrize(
    ("effect", "rule"),
    [
        (Program(1538, b"1234"), "no words of one page"),
        (Program(3068, b"12345678"), "no words of one page"),
        (Program(0, b"abcd"), "was programmed before"),
        (Erase(4), "erase at offset 4"),
    ],
)
def test_a_broken_rule_is_a_misuse(effect, rule):
    chip = fresh(Program(0, b"1234"))
    with pytest.raises(MisuseError, match=rule):
        chip.perform(effect)


@given(contents, torns, st.data())
def test_a_cut_leaves_what_came_before_and_nothing_of_what_comes_after_its_word(
    content, torn, data
):
    step = data.draw(st.integers(0, len(content) - 1))
    chip = fresh()
    chip.cut(Program(0, content), step, torn)
    cells = chip.read(0, 1536)
    word_end = step // 4 * 4 + 4
    assert cells[:step] == content[:step]
    assert cells[word_end:] == b"\xff" * (1536 - word_end)
    for cell, wanted in zip(cells[step:word_end], content[step:word_end], strict=True):
        assert cell & wanted == wanted, "bits only go from 1 to 0, and to no other word"


@given(contents, torns, st.data())
def test_what_a_cut_touched_cannot_be_programmed_again(content, torn, data):
    step = data.draw(st.integers(1, len(content) - 1))
    chip = fresh()
    chip.cut(Program(0, content), step, torn)
    with pytest.raises(MisuseError):
        chip.perform(Program(0, content))
    assert chip.perform(Erase(0))
    assert chip.perform(Program(0, content))


def test_a_first_byte_that_is_only_weak_may_be_programmed_again_with_the_same_bits():
    program = Program(0, b"\x07abc")
    chip = fresh()
    chip.cut(program, 0, Torn.WEAK)
    assert chip.perform(program)
    assert {chip.read(0, 4) for _ in range(50)} == {b"\x07abc"}


def test_a_second_try_that_is_cut_off_touches_no_more_than_it_programmed():
    chip = fresh()
    chip.cut(Program(0, b"\x07abcdefghijk"), 0, Torn.WEAK)
    chip.cut(Program(0, b"\x07abcdefghijk"), 2, Torn.BACKWARD)
    assert chip.perform(Program(4, b"defg"))
    with pytest.raises(MisuseError, match="programmed before"):
        chip.perform(Program(0, b"\x07abc"))


def test_weak_cells_read_differently_and_the_same_for_the_same_seed():
    def reads(seed: int) -> list[bytes]:
        chip = FlashChip(FLASH, seed=seed)
        chip.cut(Program(0, b"\0\0\0\0"), 1, Torn.WEAK)
        return [chip.read(0, 4) for _ in range(20)]

    assert len(set(reads(1))) > 5
    assert reads(1) == reads(1) != reads(2)
    assert {seen[:1] + seen[2:] for seen in reads(1)} == {b"\0\xff\xff"}


@given(st.binary(min_size=64, max_size=64), st.integers(0, 63), torns)
def test_a_torn_erase_only_sets_bits_unless_the_chip_programs_first(page, step, torn):
    left, weak = torn_erase(page, step, torn, 1)
    assert len(left) == len(page)
    if torn is not Torn.HIGH:
        assert all(a & b == b for a, b in zip(left, page, strict=True))
    assert (weak == 0) or torn is Torn.WEAK


def test_all_eight_patterns_differ():
    left = {torn_program(b"\0\0\0\0", 1, torn, 3) for torn in Torn}
    assert len(left) == len(Torn) == 8


def test_an_erase_can_be_cut_at_every_byte_of_its_page():
    assert steps_of(Erase(0), FLASH) == 1536
    assert steps_of(Program(0, b"12345678"), FLASH) == 8


def test_a_lost_write_does_not_read_back_and_leaves_the_cells_free():
    chip = fresh()
    chip.lose_next()
    assert not chip.perform(Program(0, b"1234"))
    assert chip.perform(Program(0, b"1234"))


def test_a_stray_write_strikes_elsewhere_and_is_damage_there():
    chip = fresh(Program(1536, b"\x0f" * 8))
    chip.misdirect_next(1540)
    assert not chip.perform(Program(0, b"\xf0" * 4))
    assert chip.read(1536, 8) == b"\x0f" * 4 + b"\0" * 4
    assert chip.damage() == [1540, 1541, 1542, 1543]


def test_a_stuck_bit_is_noticed_when_it_matters():
    chip = fresh()
    chip.stuck[1] = (0x01, 0)
    assert not chip.perform(Erase(0))
    assert chip.perform(Program(0, b"\xff\xfe\xff\xff"))
    chip.stuck[9] = (0, 0x80)
    assert not chip.perform(Program(8, b"\0\0\0\0"))


def test_rot_changes_what_is_read_and_not_what_is_true():
    chip = fresh(Program(0, b"abcd"))
    chip.rot(2, 0x11)
    assert chip.read(0, 4) == b"abrd"
    assert chip.damage() == [2]


def test_an_image_is_a_chip_at_one_moment():
    chip = fresh(Program(0, b"abcd"))
    image = chip.image()
    chip.perform(Erase(0))
    again = FlashChip(FLASH, image)
    assert again.read(0, 4) == b"abcd"
    assert again.image() == image


def test_erases_and_reads_are_counted():
    chip = fresh(Erase(1536), Erase(1536))
    chip.cut(Erase(0), 9, Torn.CLEAN)
    chip.read(1500, 100)
    assert (chip.erases[:2], chip.reads) == ([1, 2], 1)


def test_only_flash_effects_are_for_the_chip():
    program = Program(0, b"abcd")
    assert of_flash([Notice("overflow", ""), program, Erase(0)]) == (program, Erase(0))
