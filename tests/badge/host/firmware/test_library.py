"""A core out of a shared library: badge_core.h is the seam."""

from __future__ import annotations

from pathlib import Path

import pytest

from badge.errors import InputError, MisuseError
from badge.host.c_core import CBadge
from badge.host.firmware.library import CoreEffectError, LibraryBadge, can_take
from badge.inputs import Boot, ConfigPush, FirmwareOffer, Tick
from badge.storage.journal import FlashJournal
from sim.engine.flash import FlashChip
from sim.powercut.workload import REAL
from tests.badge.host.foreign import library, needs_foreign, own_core
from tests.badge.story import Story, random_steps, story_config

pytestmark = needs_foreign


def test_our_core_as_a_library_does_what_it_does_linked(tmp_path_factory):
    """It has the sizes of firmware, and a `struct badge` of its own."""
    story = Story(story_config(upload_interval_s=300))
    story.tell(random_steps(5, 60))
    mine = CBadge(story_config(upload_interval_s=300), FlashJournal(FlashChip(REAL), REAL))
    other = LibraryBadge(
        library(tmp_path_factory, "right"), story_config(upload_interval_s=300), geometry=REAL
    )
    mine._chip = None  # both keep their flash themselves
    for ms, what in story.inputs:
        wanted = mine.receive(what, ms)
        found = [e for e in other.receive(what, ms) if type(e).__name__ not in ("Program", "Erase")]
        assert found == wanted, what
        assert other.next_deadline_ms == mine.next_deadline_ms


def test_what_a_core_cannot_do_does_not_happen_to_it(tmp_path_factory):
    badge = LibraryBadge(library(tmp_path_factory, "simple"), story_config())
    badge.receive(Boot(), 0)
    assert badge.receive(ConfigPush({"gps_interval_s": 5}), 1) == []
    assert not can_take(badge.abilities, FirmwareOffer("9.9.9"))
    assert can_take(badge.abilities, Tick())


def test_a_misuse_is_told(tmp_path_factory):
    badge = LibraryBadge(library(tmp_path_factory, "right"), story_config())
    with pytest.raises(MisuseError, match="the first input of a badge is a Boot"):
        badge.receive(Tick(), 0)


def test_what_is_no_core(tmp_path, tmp_path_factory):
    path = tmp_path / "notes.txt"
    path.write_text("nothing")
    with pytest.raises(InputError, match=r"not a badge core as badge_core\.h has it"):
        LibraryBadge(path, story_config())
    with pytest.raises(InputError, match="a core for version 99"):
        LibraryBadge(library(tmp_path_factory, "newer"), story_config())
    with pytest.raises(InputError, match="no-such"):
        LibraryBadge(Path("/no-such.so"), story_config())


@pytest.mark.parametrize(
    ("slip", "words"),
    [
        ("TYPE", "none of its lists"),
        ("CBOR", "break code"),
        ("WORDS", "utf-8"),
        ("YEAR", "year"),
        ("OUTSIDE", "programs 32 bytes at 0xfffffff0, outside of its flash"),
        ("CROOKED", "erases at 0x109fff, where no page of its flash begins"),
        ("SCREEN", "none of its lists"),
        ("NOTICE", "a notice about events 1 to"),
        ("FLOOD", "over 64 MiB"),
        ("LONG_EVENT", "one event over 16 KiB"),
    ],
)
def test_an_effect_that_cannot_be_is_told(tmp_path, slip, words):
    badge = LibraryBadge(own_core(tmp_path, slip), story_config())
    with pytest.raises(CoreEffectError, match=words):
        badge.receive(Boot(), 0)


def test_a_core_of_nobodys_design_is_a_core(tmp_path):
    badge = LibraryBadge(own_core(tmp_path, "NONE"), story_config())
    (logged,) = badge.receive(Boot(), 0)
    assert logged.entry.event_type == "reboot"
    assert badge.next_deadline_ms is None


@pytest.mark.parametrize(("slip", "words"), [("SILENT", "no reason given"), ("UNENDED", "x{320}$")])
def test_a_refused_start_names_the_library(tmp_path, slip, words):
    with pytest.raises(InputError, match=rf"{slip}\.so: badge_init refuses the settings: {words}"):
        LibraryBadge(own_core(tmp_path, slip), story_config())
