"""NOR flash in a file: it keeps the chip's rules, its owner, and its content."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from badge.effects import Erase, Program
from badge.errors import InputError
from badge.host.flash_file import FlashFile
from badge.storage.geometry import Geometry

SMALL = Geometry(config_pages=2, ring_pages=8)
ADDRESS = SMALL.page_address(0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "badge.flash"


def test_it_is_made_blank_in_its_whole_size_for_its_owner_only(path):
    with FlashFile(path, SMALL):
        assert path.read_bytes() == b"\xff" * SMALL.total_bytes
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_programmed_is_there_in_the_next_run(path):
    with FlashFile(path, SMALL) as flash:
        assert flash.perform(Program(ADDRESS, b"\x01\x02\x03\x04"))
    with FlashFile(path, SMALL) as flash:
        assert flash.read(ADDRESS, 5) == b"\x01\x02\x03\x04\xff"


def test_a_word_is_written_once_until_its_page_is_erased(path):
    with FlashFile(path, SMALL) as flash:
        assert flash.perform(Program(ADDRESS, b"\x00" * 4))
        assert not flash.perform(Program(ADDRESS, b"\x01" * 4))
        assert flash.read(ADDRESS, 4) == b"\x00" * 4
        assert flash.perform(Erase(ADDRESS))
        assert flash.read(ADDRESS, SMALL.page_bytes) == b"\xff" * SMALL.page_bytes
        assert flash.perform(Program(ADDRESS, b"\x01" * 4))


def test_two_processes_cannot_have_it(path):
    with FlashFile(path, SMALL), pytest.raises(InputError, match="in use by another process"):
        FlashFile(path, SMALL)
    FlashFile(path, SMALL).close()


def test_another_file_is_left_alone(path):
    path.write_bytes(b"my thesis")
    with pytest.raises(InputError) as caught:
        FlashFile(path, SMALL)
    assert str(caught.value) == (
        f"{path}: 9 bytes; a badge's flash image has {SMALL.total_bytes}: name a new file, or the "
        "one of an earlier run"
    )
    assert path.read_bytes() == b"my thesis"


def test_one_whose_making_was_cut_off_is_finished(path):
    path.write_bytes(b"\xff" * 5000)
    with FlashFile(path, SMALL):
        assert path.read_bytes() == b"\xff" * SMALL.total_bytes


@pytest.mark.parametrize("special", ["/dev/null", "/dev/full", "/dev/zero"])
def test_a_device_is_no_flash_image(special):
    with pytest.raises(InputError, match="not a regular file"):
        FlashFile(special, SMALL)


def test_a_disk_that_fills_up_while_it_is_made_names_the_file_and_does_not_spoil_it(path):
    code = (
        "import resource, signal, sys\n"
        "sys.dont_write_bytecode = True\n"  # it would be half written, and kept
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        "from badge.host.flash_file import FlashFile\n"
        f"try:\n    FlashFile({str(path)!r})\nexcept OSError as e:\n    print(e.filename)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(path)
    FlashFile(path).close()
    assert path.stat().st_size == Geometry().total_bytes


def test_no_descriptor_is_left_open_after_a_refusal(path):
    path.write_bytes(b"x")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with pytest.raises(InputError):
            FlashFile(path, SMALL)
    assert len(os.listdir("/proc/self/fd")) == before
