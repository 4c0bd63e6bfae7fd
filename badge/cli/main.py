"""The `badge` command: loads the one that is called, and ends every mistake as one sentence."""

from __future__ import annotations

import errno
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import click

from badge.cli.exits import EXIT_BAD_INPUT, EXIT_INTERNAL, EXIT_INTERRUPTED, EXIT_OK
from badge.cli.group import HELP, Commands
from badge.cli.options import in_words
from badge.cli.streams import flushed, prepare_streams
from badge.errors import InputError
from badge.extras import extra_of, lacking
from badge.host.log import LOG, without_secrets
from badge.signals import STOPS, outlives_terminal

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_REMEDIES = {
    **dict.fromkeys(_NO_ROOM, "; make room and run it again"),
    errno.ENOENT: "; check the name and its folder",
    errno.EISDIR: "; name a file",
    errno.ENOTDIR: "; a part of the path is a file: name a folder",
    errno.EACCES: "; get the right to it, or name another",
    errno.EPERM: "; get the right to it, or name another",
    errno.EROFS: "; name a place that can be written",
}


class _ReaderGoneError(Exception):
    """Whoever read our output has closed it.  No OSError: click would make an exit code of that."""


@contextmanager
def _telling_readers_apart() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise _ReaderGoneError from error


class CommandLine(Commands):
    """The command line as a whole: whoever closes our output ends it, and no more."""

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        """Parse the words; the help is written here, too."""
        with _telling_readers_apart():
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _telling_readers_apart():
            return super().invoke(ctx)


@click.group(
    cls=CommandLine,
    context_settings={"help_option_names": HELP},
    epilog="Exit codes: 0 done; 1 the check found differences or faults; 2 wrong usage or bad "
    "input; 70 a fault of the program itself; 130 interrupted (Ctrl-C or SIGTERM).",
)
@click.version_option(None, "-V", "--version", package_name="badge-simulator")
def badge() -> None:
    """Simulate, drive, record and check a field worker's badge."""


# Made once for all contexts; the first may be of another maker, as of the site's pages.
badge.get_help_option(click.Context(badge, help_option_names=HELP))


def main() -> None:
    """Run the command line; whatever happens ends as an exit code, and one sentence on stderr."""
    prepare_streams()
    with _terminated_as_interrupted():
        try:
            code, sentence = _run()
        except KeyboardInterrupt:
            code, sentence = EXIT_INTERRUPTED, "interrupted"
    LOG.ended(code, sentence)
    sys.exit(flushed(code))


def _run() -> tuple[int, str]:
    """Return the exit code, and the sentence that has been said if it is an error."""
    try:
        code = badge.main(prog_name="badge", standalone_mode=False)
        return (code if isinstance(code, int) else EXIT_OK), ""
    except SystemExit as error:
        return (error.code if isinstance(error.code, int) else EXIT_OK), ""
    except click.ClickException as error:
        told = in_words(error)
        told.show()
        return EXIT_BAD_INPUT, told.format_message()
    except _ReaderGoneError:
        return EXIT_OK, ""
    except BaseException as error:
        code, sentence = verdict(error)
        with suppress(OSError):  # of a terminal that is closed
            click.echo(f"badge: {without_secrets(sentence)}", err=True)
        return code, sentence


def verdict(error: BaseException) -> tuple[int, str]:
    """Return the exit code of an error, and the sentence that tells it."""
    match error:
        case click.Abort() | KeyboardInterrupt():
            why = error if isinstance(error, KeyboardInterrupt) else error.__cause__
            return EXIT_INTERRUPTED, str(why or "") or "interrupted"
        case InputError():
            return EXIT_BAD_INPUT, str(error)
        case BaseExceptionGroup():
            # Of tasks that ended together the first tells why; the others were cancelled with it.
            return verdict(error.exceptions[0])
        case ModuleNotFoundError() if extra_of(error.name) is not None:
            return EXIT_BAD_INPUT, lacking(error.name or "")
        case OSError():
            no_room = error.errno in _NO_ROOM
            # Files are written by `badge.host.files`, which names them: what is left is a stream.
            name = error.filename or ("standard output" if no_room else "")
            place = f"{name}: " if name else ""
            remedy = _REMEDIES.get(error.errno or 0, "") if name else ""
            return EXIT_BAD_INPUT, f"{place}{error.strerror or error}{remedy}"
    # A library that Ctrl-C strikes while it loads may turn it into an error of its own.
    if _was_interrupted(error):
        return EXIT_INTERRUPTED, "interrupted"
    return EXIT_INTERNAL, _internal(error)


def _was_interrupted(error: BaseException | None) -> bool:
    while error is not None:
        # pydantic's core keeps no cause: it writes it into the text of its own error.
        in_words = type(error).__name__ == "SchemaError" and "KeyboardInterrupt" in str(error)
        if isinstance(error, KeyboardInterrupt) or in_words:
            return True
        error = error.__cause__ or error.__context__
    return False


def _internal(error: BaseException) -> str:
    """Keep the trace in a file, for a report, and say where: it would only be noise to a user."""
    text = "".join(traceback.format_exception(error))
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    what = f"internal error, a fault of this program: {type(error).__name__}{where}"
    try:
        # mkstemp: 0600 and a new name, since a trace may quote the user's own data.
        number, path = tempfile.mkstemp(prefix="badge-trace-", suffix=".txt")
        with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(without_secrets(text))
    except OSError:
        return f"{what}; its trace could not be kept"
    return f"{what}; please report it with its trace, {path}"


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end a command as Ctrl-C does: what is open is closed, and told."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        # Through whoever listens to Ctrl-C now, an event loop or a command with a last word.
        if callable(signal.getsignal(signal.SIGINT)):
            signal.raise_signal(signal.SIGINT)
        else:  # ignored, as in a shell's background job
            raise KeyboardInterrupt

    before = {}
    try:
        for number in STOPS:
            if number != signal.SIGINT and not outlives_terminal(number):
                before[number] = signal.signal(number, interrupt)
    except ValueError:  # not the main thread: whoever runs us there hears signals himself
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


if __name__ == "__main__":
    main()
