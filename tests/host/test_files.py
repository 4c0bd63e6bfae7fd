"""An error of the file system says which file it is about."""

from __future__ import annotations

import errno

from badge.host.files import named


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
