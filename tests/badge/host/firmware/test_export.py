"""What is exported builds by itself, and its vectors hold."""

from __future__ import annotations

import errno
import shutil
import subprocess

import pytest

from badge.errors import InputError
from badge.host.firmware import export as export_module
from badge.host.firmware.export import export
from badge.host.firmware.library import LibraryBadge
from badge.host.firmware.vectors import CONFIG
from badge.inputs import Boot
from hil.dut.stimulus import read_stimulus
from tests.badge.host.twins import needs_core


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("out") / "firmware"
    assert export(folder) > 50
    return folder


@pytest.mark.skipif(not (shutil.which("make") and shutil.which("cc")), reason="needs make and cc")
def test_it_builds_and_its_vectors_hold(folder):
    done = subprocess.run(
        ["make", "-C", folder, "CFLAGS=-O0 -Wall -Werror", "test"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 events, 0 wrong" in done.stdout
    template = ["cc", "-std=c99", "-Wall", "-Werror", "-I", folder / "src", "-c", "-o", "/dev/null"]
    subprocess.run([*template, folder / "hal_template.c"], check=True)


def test_nothing_of_this_computer_is_in_it(folder):
    names = {path.name for path in (folder / "src").rglob("*")}
    assert "badge_core.h" in names
    assert not {"host", "host.h", "export"} & names


def test_the_stimuli_are_recordings(folder):
    stimuli = sorted((folder / "vectors").glob("stimulus-*.ndjson"))
    assert len(stimuli) > 10
    assert read_stimulus(stimuli[0]).events


def test_what_was_never_built_says_so(folder):
    readme = (folder / "README").read_text()
    for tool in ("ESP-IDF", "west", "PlatformIO"):
        assert tool in readme
    assert readme.count("never built") == 3


def test_a_folder_with_something_in_it_stays_as_it_is(folder):
    with pytest.raises(InputError, match="not empty; name a new folder"):
        export(folder)


@needs_core
@pytest.mark.skipif(not (shutil.which("make") and shutil.which("cc")), reason="needs make and cc")
def test_it_makes_a_library_that_is_a_core(folder):
    command = ["make", "-C", folder, "CFLAGS=-O0 -Wall -Werror", "library"]
    subprocess.run(command, check=True, capture_output=True)
    badge = LibraryBadge(folder / "libmine.so", CONFIG)
    assert badge.receive(Boot(), 0)


def test_what_fails_on_its_way_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(folder):
        raise OSError(errno.ENOSPC, "No space left on device", str(folder))

    monkeypatch.setattr(export_module, "write_vectors", full)
    with pytest.raises(OSError, match="No space left"):
        export(tmp_path / "firmware")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    assert export(tmp_path / "firmware") > 50
