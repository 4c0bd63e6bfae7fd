"""The log of a command: one JSON object a line, the same for every command and every level.

Nothing is logged anywhere unless somebody asks: `--log-file FILE`, `--log-level LEVEL` (without a
file: on stderr), or a run's folder, which keeps its own.  Keys and passwords are never in it.
"""

from __future__ import annotations

import json
import logging
import platform
import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from badge.errors import InputError
from badge.host.files import cut_unfinished_line

LEVELS = ("debug", "info", "warning", "error")
SECRETS = ("key", "secret", "header", "provision", "device", "token", "password")
_log = logging.getLogger("badge.command")
_PASSWORD = re.compile(r"(?<=://)[^/@\s]+(?=@)")
_KEY = re.compile(r"\b((?:ak|prov|admin)_)[0-9A-Za-z_]+")
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class LogFile(logging.FileHandler):
    """A file that fills its disk, or is gone, loses its lines and ends no command."""

    def pause(self) -> None:
        """Close the file until the next line."""
        stream, self.stream = self.stream, None  # logging's sign for one to be opened
        if stream is not None:
            with suppress(OSError):  # a full disk, met once more
                stream.close()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; opening the file may fail, too."""
        try:
            super().emit(record)
        except OSError:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say nothing: Python would print a traceback for each line."""


class LogLines(logging.Formatter):
    """Writes a record as `{"at":…,"level":…,"from":…,"text":…}` and what came along with it."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one line of ASCII."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {
            "at": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "from": record.name,
            "text": without_secrets(record.getMessage()),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _OWN}
        if record.exc_info:
            line["trace"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, separators=(",", ":"), default=str)


def without_secrets(text: str) -> str:
    """Return a text whose URLs tell neither user nor password, and whose keys are cut short."""
    return _KEY.sub(r"\1…", _PASSWORD.sub("…", text))


def without_secret_options(words: Sequence[str]) -> list[str]:
    """Return the words of a command with the values of options that hold secrets left out."""
    told, hide = [], False
    for word in words:
        name, equals, _ = word.partition("=")
        secret = word.startswith("--") and any(one in name for one in SECRETS)
        told.append("…" if hide else f"{name}=…" if secret and equals else without_secrets(word))
        hide = secret and not equals
    return told


class CommandLog:
    """Where this process logs to; a command sets it up by its options, and `close` ends it."""

    def __init__(self) -> None:
        self._level: str | None = None
        self._handlers: list[logging.Handler] = []
        self._begun_s = time.monotonic()

    def to_level(self, level: str) -> None:
        """Log from this level on; without a file, to stderr."""
        self._level = level
        if not self._handlers:
            self._add(logging.StreamHandler(sys.stderr))
        for handler in self._handlers:
            handler.setLevel(level.upper())
        self._open()

    def to_file(self, path: Path) -> None:
        """Log to the end of a file; InputError if it cannot be written."""
        try:
            handler = LogFile(path, encoding="utf-8")
        except OSError as error:
            words = f"{path}: {error.strerror or error}; name another file with --log-file"
            raise InputError(words) from None
        self._drop()
        self._add(handler)

    @contextmanager
    def also_in(self, path: Path) -> Iterator[None]:
        """Keep what is logged meanwhile at the end of this file, too, from `info` on.

        A last line that was cut off is taken away; a file that cannot be written costs its lines.
        """
        try:
            cut_unfinished_line(path)
            handler = LogFile(path, encoding="utf-8")
        except OSError:
            yield
            return
        handler.setLevel((self._level or "info").upper())
        self._add(handler)
        try:
            yield
        finally:
            self._remove(handler)

    @contextmanager
    def moving(self, folder: Path, to: Path) -> Iterator[None]:
        """Let go of the files in a folder while it gets another name; they go on in it there."""
        inside = [
            one
            for one in self._handlers
            if isinstance(one, LogFile) and Path(one.baseFilename).is_relative_to(folder.absolute())
        ]
        for one in inside:
            one.pause()
        yield
        for one in inside:
            one.baseFilename = str(
                to.absolute() / Path(one.baseFilename).relative_to(folder.absolute())
            )

    def ended(self, code: int, sentence: str = "") -> None:
        """Log how the command ended, and close the files."""
        seconds = round(time.monotonic() - self._begun_s, 3)
        level = logging.INFO if not sentence else logging.ERROR
        _log.log(level, sentence or "ended", extra={"exit_code": code, "seconds": seconds})
        self._drop()
        self._level = None

    def _add(self, handler: logging.Handler) -> None:
        handler.setFormatter(LogLines())
        if handler.level == logging.NOTSET:
            handler.setLevel((self._level or "info").upper())
        self._handlers.append(handler)
        logging.getLogger().addHandler(handler)
        self._open()
        begun = handler_record()
        if begun.levelno >= handler.level:
            handler.handle(begun)

    def _open(self) -> None:
        """Let through what the most talkative handler wants."""
        root = logging.getLogger()
        root.setLevel(min([handler.level for handler in self._handlers] or [logging.WARNING]))

    def _remove(self, handler: logging.Handler) -> None:
        logging.getLogger().removeHandler(handler)
        with suppress(OSError):  # a full disk, met once more
            handler.close()
        self._handlers.remove(handler)
        self._open()

    def _drop(self) -> None:
        for handler in list(self._handlers):
            self._remove(handler)


def handler_record() -> logging.LogRecord:
    """Return what a log begins with: the command, and what runs it."""
    return logging.makeLogRecord(
        {
            "name": _log.name,
            "levelno": logging.INFO,
            "levelname": "INFO",
            "msg": "began",
            "command": without_secret_options(sys.argv[1:]),
            "version": metadata.version("badge-simulator"),
            "python": platform.python_version(),
            "system": platform.system(),
        }
    )


def said(text: str) -> None:
    """Log what a person was told on stderr."""
    _log.warning(text)


LOG = CommandLog()
"""The one log of this process."""
logging.getLogger("badge").addHandler(logging.NullHandler())  # else Python prints what nobody takes
