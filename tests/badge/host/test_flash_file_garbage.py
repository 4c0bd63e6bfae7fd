"""A flash file that cannot be read: said, and no number that may have been used comes again."""

from __future__ import annotations

import random

import pytest

from badge.badge import Badge
from badge.config import read_config
from badge.effects import Erase, Logged, Notice, Program
from badge.errors import InputError
from badge.host.flash_file import FlashFile, open_journal
from badge.inputs import Boot, Tick, UtcLearned
from badge.storage.geometry import Geometry
from badge.storage.journal import FlashJournal

SMALL = Geometry(page_bytes=1536, config_pages=1, ring_pages=8)
DEVICE = "ACT-3F8A21B4"
CONFIG = read_config({"device_id": DEVICE, "upload_interval_s": 1})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "badge.flash"


def live(path, seconds=0):
    """Boot on the file and log a heartbeat or so a second; the numbers given, the notices."""
    numbers, notices = [], []
    with FlashFile(path, SMALL) as flash:
        badge = Badge(CONFIG, open_journal(flash, DEVICE))

        def perform(effects):
            for effect in effects:
                if isinstance(effect, Program | Erase):
                    assert flash.perform(effect)
                elif isinstance(effect, Logged):
                    numbers.append(effect.entry.sequence_number)
                elif isinstance(effect, Notice):
                    notices.append(effect)

        perform(badge.receive(Boot(), 0))
        perform(badge.receive(UtcLearned(1_773_477_135_000), 0))
        for second in range(seconds):
            perform(badge.receive(Boot(), second * 1000))
            perform(badge.receive(UtcLearned(1_773_477_135_000), second * 1000))
            perform(badge.receive(Tick(), second * 1000 + 500))
    return numbers, notices


def written(path):
    """The addresses of the ring's bytes that are not blank."""
    content = path.read_bytes()
    first = SMALL.page_address(0)
    return [at for at in range(first, len(content)) if content[at] != 0xFF]


def spoil(path, start, end, seed=1):
    content = bytearray(path.read_bytes())
    content[start:end] = random.Random(seed).randbytes(end - start)
    path.write_bytes(content)


@pytest.mark.parametrize("seconds", [0, 3, 20, 200])
@pytest.mark.parametrize("seed", range(3))
def test_a_written_part_that_is_garbage_is_refused_and_left_as_it_is(path, seconds, seed):
    live(path, seconds)
    used = written(path)
    spoil(path, used[0], used[-1] + 1, seed)
    before = path.read_bytes()
    with pytest.raises(InputError) as caught:
        live(path)
    assert str(caught.value) == (
        f"{path}: what is written in it cannot be read; a badge that began anew would give numbers "
        "a second time, and backends throw such events away: restore the file, or name a new one "
        "to begin with number 1"
    )
    assert path.read_bytes() == before


@pytest.mark.parametrize("page", [1, 3, 7])
def test_garbage_behind_a_blank_first_page_is_refused_too(path, page):
    live(path)
    start = SMALL.page_address(0)
    content = bytearray(path.read_bytes())
    content[start:] = b"\xff" * (len(content) - start)
    path.write_bytes(content)
    live(path, 0)
    path.write_bytes(content)
    spoil(path, SMALL.page_address(page), SMALL.page_address(page) + 40)
    with pytest.raises(InputError, match="cannot be read"):
        live(path)


@pytest.mark.parametrize("filling", [b"\0", b"\xaa", b"text "])
def test_a_file_of_the_right_size_that_is_no_flash_is_refused(path, filling):
    path.write_bytes((filling * SMALL.total_bytes)[: SMALL.total_bytes])
    with pytest.raises(InputError, match="cannot be read"):
        live(path)


def first_boots(path, cuts):
    """Cut first boots off after so many bytes each, as a kill does to a file."""
    for cut in cuts:
        with FlashFile(path, SMALL) as flash:
            left = cut
            for effect in FlashJournal(flash, SMALL).recover().effects:
                if isinstance(effect, Erase):
                    flash.perform(effect)
                elif isinstance(effect, Program):
                    part = effect.content[:left]
                    left -= len(part)
                    if part:
                        flash.perform(Program(effect.address, part))


@pytest.mark.parametrize("cut", range(0, 200, 3))
def test_a_first_boot_that_was_cut_off_is_no_garbage(path, cut):
    first_boots(path, [cut, 199 - cut, cut])
    numbers, _ = live(path, 2)
    assert numbers == sorted(set(numbers))
    assert numbers[0] <= 4


@pytest.mark.parametrize("seconds", [40, 60, 90])
def test_pages_of_garbage_behind_the_head_cost_their_numbers_and_are_told(path, seconds):
    given, _ = live(path, seconds)
    used = written(path)
    page = SMALL.page_bytes
    cut = SMALL.page_address(1)
    assert used[-1] > SMALL.page_address(3)
    spoil(path, cut, (used[-1] // page + 1) * page)
    again, notices = live(path)
    assert not set(given) & set(again)
    assert any("garbage" in notice.text for notice in notices)
    more, notices = live(path)
    assert not (set(given) | set(again)) & set(more)
    assert not any("garbage" in notice.text for notice in notices)


def test_the_flash_of_another_badge_is_refused(path):
    with FlashFile(path, SMALL) as flash:
        journal = open_journal(flash, DEVICE)
        badge = Badge(CONFIG, journal)
        effects = badge.receive(Boot(), 0)
        push = badge.restated(kept=True)
        assert push is not None
        for effect in [*effects, *badge.receive(push, 0)]:
            if isinstance(effect, Program | Erase):
                flash.perform(effect)
    with FlashFile(path, SMALL) as flash:
        assert open_journal(flash).config_document["device_id"] == DEVICE
        with pytest.raises(InputError, match=f"it is the flash of {DEVICE}, not of ACT-00000002"):
            open_journal(flash, "ACT-00000002")
