"""Standard output and error as a shell may give them: closed, ASCII, full, or read by nobody."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import IO

import click

from badge.cli.exits import EXIT_BAD_INPUT, EXIT_DIFFERS, EXIT_OK


def prepare_streams() -> None:
    """Make stdout and stderr fit to be written to, whatever the shell has given us."""
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:  # closed with >&-
            # The descriptor, too: the next file opened would get it, and be written to.
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), number)
                os.set_inheritable(number, True)
            # It stays open until the process ends.
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        stream = getattr(sys, name)
        if isinstance(stream, TextIOWrapper):
            # An ASCII terminal, or a file's name that is no UTF-8: shown, not a traceback.
            stream.reconfigure(errors="backslashreplace")


def flushed(code: int) -> int:
    """Bring out what is buffered: later, the interpreter would end with a code of its own."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            silence(stream)
        except OSError as error:
            silence(stream)
            if code in (EXIT_OK, EXIT_DIFFERS):  # else the sentence has been said
                with suppress(OSError):
                    click.echo(f"badge: standard output: {error.strerror or error}", err=True)
                code = EXIT_BAD_INPUT
    return code


def silence(stream: IO[str]) -> None:
    """Turn what is still written to a stream that nobody reads into nothing."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
