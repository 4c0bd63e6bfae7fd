"""What is buffered comes out, or is told; the stories of shells are in test_main.py."""

from __future__ import annotations

import errno
import io
import sys

import pytest

from badge.cli.exits import EXIT_BAD_INPUT, EXIT_DIFFERS, EXIT_INTERRUPTED, EXIT_OK
from badge.cli.streams import flushed, prepare_streams, silence


class Stream(io.StringIO):
    """Fails when it is flushed."""

    def __init__(self, error=None):
        super().__init__()
        self.error = error

    def flush(self):
        if self.error is not None:
            raise self.error


@pytest.mark.parametrize("code", [EXIT_OK, EXIT_DIFFERS, EXIT_BAD_INPUT, EXIT_INTERRUPTED])
def test_a_code_stays_where_all_comes_out_or_nobody_reads(monkeypatch, code):
    for error in (None, BrokenPipeError()):
        monkeypatch.setattr(sys, "stdout", Stream(error))
        assert flushed(code) == code


@pytest.mark.parametrize("code", [EXIT_OK, EXIT_DIFFERS])
def test_output_that_is_lost_is_no_success(monkeypatch, capsys, code):
    monkeypatch.setattr(sys, "stdout", Stream(OSError(errno.ENOSPC, "No space left")))
    assert flushed(code) == EXIT_BAD_INPUT
    assert capsys.readouterr().err == "badge: standard output: No space left\n"


def test_what_has_been_told_is_not_told_twice(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", Stream(OSError(errno.ENOSPC, "No space left")))
    assert flushed(EXIT_BAD_INPUT) == EXIT_BAD_INPUT
    assert capsys.readouterr().err == ""


def test_streams_without_a_descriptor_are_left_as_they_are(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    prepare_streams()
    silence(stream)
    stream.write("still there")
    assert stream.getvalue() == "still there"
