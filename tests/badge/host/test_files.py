"""An error of the file system says which file it is about."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from badge.host.files import append_lines, named


def test_a_name_is_given_where_there_is_none():
    given = named(OSError(errno.ENOSPC, "No space left on device"), "e.ndjson")
    assert (given.errno, given.filename) == (errno.ENOSPC, "e.ndjson")


def test_the_kind_of_error_stays():
    assert isinstance(named(OSError(errno.EACCES, "Permission denied"), "x"), PermissionError)


def test_a_name_that_is_there_stays():
    error = OSError(errno.ENOENT, "No such file", "a")
    assert named(error, "b") is error


def test_an_error_without_a_number_stays_as_it_is():
    error = OSError("odd")
    assert named(error, "b") is error


def test_lines_are_appended_to_a_file_that_need_not_be_there(tmp_path):
    append_lines(tmp_path / "a", [b"1\n"])
    append_lines(tmp_path / "a", [b"2\n", b"3\n"])
    assert (tmp_path / "a").read_bytes() == b"1\n2\n3\n"


def test_a_full_disk_names_the_file_that_was_written():
    with pytest.raises(OSError, match="No space") as caught:
        append_lines(Path("/dev/full"), [b"1\n"])
    assert caught.value.filename == "/dev/full"
