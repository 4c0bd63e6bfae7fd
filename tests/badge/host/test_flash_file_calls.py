"""What the flash file asks of the system: no content shows whether it did."""

from __future__ import annotations

import os

import portalocker
import pytest

from badge.effects import Erase, Program
from badge.host import flash_file
from badge.host.flash_file import FlashFile
from badge.storage.geometry import Geometry

SMALL = Geometry(config_pages=2, ring_pages=8)
ADDRESS = SMALL.page_address(0)


@pytest.fixture
def calls(monkeypatch):
    """The calls of `os` that matter, in order; each is made all the same."""
    made = []

    def watched(name):
        right = getattr(os, name)

        def call(*arguments, **more):
            made.append((name, *arguments[:1]))
            return right(*arguments, **more)

        return call

    for name in ("fsync", "fdatasync", "pwrite", "pread", "close"):
        monkeypatch.setattr(flash_file.os, name, watched(name))
    return made


def names(calls):
    return [call[0] for call in calls]


def test_a_sync_is_the_systems_sync_of_this_file(tmp_path, calls):
    with FlashFile(tmp_path / "f", SMALL) as flash:
        calls.clear()
        flash.sync()
        assert calls == [("fdatasync", flash._file)]
        calls.clear()
    assert names(calls) == ["fdatasync", "close"]


def test_a_new_image_is_on_the_medium_before_anything_is_written_to_it(tmp_path, calls):
    FlashFile(tmp_path / "f", SMALL).close()
    assert names(calls).index("fsync") > names(calls).index("pwrite")
    assert names(calls).index("fsync") < names(calls).index("fdatasync")


@pytest.mark.parametrize("effect", [Program(ADDRESS, b"\x01\x02\x03\x04"), Erase(ADDRESS)])
def test_what_was_written_is_read_back(tmp_path, calls, effect):
    with FlashFile(tmp_path / "f", SMALL) as flash:
        calls.clear()
        assert flash.perform(effect)
        assert names(calls)[-2:] == ["pwrite", "pread"]


@pytest.mark.parametrize("effect", [Program(ADDRESS, b"\x01\x02\x03\x04"), Erase(ADDRESS)])
def test_what_a_medium_does_not_keep_is_told(tmp_path, monkeypatch, effect):
    with FlashFile(tmp_path / "f", SMALL) as flash:
        if isinstance(effect, Erase):
            assert flash.perform(Program(ADDRESS + 8, b"\0\0\0\0"))
        monkeypatch.setattr(flash_file.os, "pwrite", lambda file, view, at: len(view))
        assert not flash.perform(effect)


def test_a_short_write_goes_on_where_it_ended(tmp_path, monkeypatch):
    pwrite = os.pwrite
    with FlashFile(tmp_path / "f", SMALL) as flash:
        monkeypatch.setattr(flash_file.os, "pwrite", lambda f, view, at: pwrite(f, view[:3], at))
        assert flash.perform(Program(ADDRESS, bytes(range(16))))
        assert flash.read(ADDRESS, 17) == bytes(range(16)) + b"\xff"


def test_the_lock_is_for_one_alone_and_does_not_wait(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(portalocker, "lock", lambda file, how: asked.append(how))
    FlashFile(tmp_path / "f", SMALL).close()
    assert asked == [portalocker.LOCK_EX | portalocker.LOCK_NB]


@pytest.mark.parametrize("name", ["pwrite", "fdatasync"])
def test_an_error_of_the_medium_names_the_file(tmp_path, monkeypatch, name):
    flash = FlashFile(tmp_path / "f", SMALL)

    def broken(*_):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(flash_file.os, name, broken)
        with pytest.raises(OSError, match="Input/output") as caught:
            flash.perform(Erase(ADDRESS)) if name == "pwrite" else flash.sync()
        assert caught.value.filename == str(tmp_path / "f")
    flash.close()


def test_an_image_that_cannot_be_made_is_named_and_closed(tmp_path, monkeypatch, calls):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(flash_file.os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        FlashFile(tmp_path / "f", SMALL)
    assert caught.value.filename == str(tmp_path / "f")
    assert names(calls)[-1] == "close"


def test_a_system_that_lacks_the_calls_keeps_the_same_bytes(tmp_path, monkeypatch):
    for name in ("pread", "pwrite", "fdatasync"):
        monkeypatch.delattr(flash_file.os, name)
    content = bytes(range(16))
    with FlashFile(tmp_path / "f", SMALL) as flash:
        assert flash.perform(Program(ADDRESS, content))
        assert flash.read(ADDRESS, 16) == content
        assert not flash.perform(Program(ADDRESS, content)), "a word is written once"
        flash.sync()
    assert (tmp_path / "f").read_bytes()[ADDRESS:][:17] == content + b"\xff"
