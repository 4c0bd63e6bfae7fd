"""The `badge` command inside this process, and what it left on the two streams; other programs."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, NamedTuple

import pytest

from badge.cli import main as command_line
from tests.paths import RECORDINGS

needs_recordings = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="the real recordings are not beside the checkout"
)


class Said(NamedTuple):
    """How it ended: the exit code, stdout, stderr."""

    code: int
    out: str
    err: str


def call(*arguments: object) -> Said:
    """Run `badge ARGUMENTS`."""
    out, err = io.StringIO(), io.StringIO()
    before, sys.argv = sys.argv, ["badge", *map(str, arguments)]
    try:
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            command_line.main()
    finally:
        sys.argv = before
    return Said(int(ended.value.code or 0), out.getvalue(), err.getvalue())


@contextmanager
def started(words: list[str], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """Start a program that ends with the block, also where a test fails in it.

    `with subprocess.Popen(…)` alone would wait for ever for what nobody told to end.
    """
    with subprocess.Popen(words, **options) as process:
        try:
            yield process
        finally:
            process.kill()  # of one that has ended, nothing


def sentence(said: Said) -> str:
    """The one clear sentence on stderr of a run that did not go well."""
    lines = said.err.strip().splitlines()
    assert said.code != 0
    assert "Traceback" not in said.err
    assert len(lines) == 1, said.err
    return lines[0]
