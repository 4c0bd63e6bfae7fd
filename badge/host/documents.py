"""Files from outside: the one way from a path to bytes, text or a typed value, always bounded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from badge.contract.documents import DOCUMENT_BYTES_LIMIT, parse, parse_as
from badge.errors import InputError
from badge.host.files import named

_T = TypeVar("_T")
LINE_BYTES_LIMIT = 1 << 20


def read_file(path: str | Path, bytes_max: int = DOCUMENT_BYTES_LIMIT) -> bytes:
    """Return a file's bytes; `InputError` if there are more, `OSError` with its name.

    It may be a pipe, like /dev/stdin or a shell's <(…), and an endless one, like /dev/zero.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(bytes_max + 1)
    except OSError as error:
        raise named(error, path) from None
    except ValueError as error:
        raise InputError(f"{str(path)!r}: {error}; name a file") from None  # a NUL in the name
    if len(content) > bytes_max:
        raise InputError(f"{path}: more than {bytes_max:,} bytes; is it the right file?")
    return content


def read_text(path: str | Path, bytes_max: int = DOCUMENT_BYTES_LIMIT) -> str:
    """Return a file of UTF-8, with or without a byte order mark; `InputError` names the line."""
    return text_of(read_file(path, bytes_max), str(path))


def text_of(content: bytes, place: str) -> str:
    """Return UTF-8 as text, without a byte order mark; `InputError` names the line."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{place} line {line}: not UTF-8; save it as UTF-8") from None


def read_json(path: str | Path, bytes_max: int = DOCUMENT_BYTES_LIMIT) -> Any:
    """Return the JSON document in a file; `InputError` with the file and what is wrong."""
    return parse(read_file(path, bytes_max), str(path), bytes_max)


def read_model(kind: type[_T], path: str | Path, bytes_max: int = DOCUMENT_BYTES_LIMIT) -> _T:
    """Return the JSON document in a file as `kind`; `InputError` with the file and the field."""
    return parse_as(kind, read_file(path, bytes_max), str(path), bytes_max)


def read_lines(
    path: str | Path, line_bytes_max: int = LINE_BYTES_LIMIT
) -> Iterator[tuple[str, bytes]]:
    """Yield (place, line) of every line that is not blank, ends stripped.

    The place is `FILE line N`.  A byte order mark is passed over; `InputError` for a line that is
    too long.
    """
    try:
        with Path(path).open("rb") as file:
            number = 0
            while raw := file.readline(line_bytes_max + 1):
                number += 1
                if len(raw) > line_bytes_max:
                    raise InputError(f"{path} line {number}: longer than {line_bytes_max} bytes")
                line = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
                if line := line.strip(b" \t\r\n"):
                    yield f"{path} line {number}", line
    except OSError as error:
        raise named(error, path) from None
    except ValueError as error:
        raise InputError(f"{str(path)!r}: {error}; name a file") from None  # a NUL in the name
