"""Documents from outside: the one way from foreign bytes to values, bounded in every respect.

`parse` reads JSON, `fit` and `parse_as` make a typed value of it, `documents` cuts a stream into
one document or one per line (NDJSON).  Bytes, depth (200 levels), numbers and encoding are
limited here, so that no reader can forget it; all that is wrong is an `InputError` with a place.
"""

from __future__ import annotations

import io
import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from math import isfinite
from typing import Any, BinaryIO, TypeVar, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from badge.contract.patterns import message
from badge.contract.validation import decode
from badge.errors import InputError

_T = TypeVar("_T")
DOCUMENT_BYTES_LIMIT = 8 << 20  # 500 events are some 125 kB
INTEGER_BITS_MAX = 1023  # above, a float cannot hold it, and arithmetic with one raises
# Only such digits, or these three words, can come out as too large; most documents have none.
_SUSPECT = re.compile(rb"[0-9]{300}|[eE][+]?[0-9]{3}|NaN|Infinity")


def parse(raw: bytes, place: str = "", bytes_max: int = DOCUMENT_BYTES_LIMIT) -> Any:
    """Read one JSON document (RFC 8259, UTF-8) from outside; `InputError` at `place` if it is none.

    NaN, Infinity and numbers beyond a 64-bit float are refused, too.  For events use
    `validation.decode` and `judge`, which name the field that holds such a number.
    """
    where = f"{place}: " if place else ""
    if len(raw) > bytes_max:
        raise InputError(f"{where}more than {bytes_max} bytes; is it the right file?")
    try:
        document = decode(raw)
    except InputError as error:
        raise InputError(f"{where}{error}") from None
    if _SUSPECT.search(raw) and (found := _unfit(document)):
        raise InputError(f"{where}{_why(raw, found)}")
    return document


def fit(kind: type[_T], document: object, place: str) -> _T:
    """Make a typed value (a pydantic model, a dataclass, any type) of a JSON value.

    `InputError` names the place, the first field that is wrong and its rule, and shows no value:
    it may be a secret.
    """
    try:
        return cast(_T, _adapter(cast(Any, kind)).validate_python(document))
    except ValidationError as error:
        raise InputError(f"{place}: {_first(error)}") from None


def parse_as(kind: type[_T], raw: bytes, place: str, bytes_max: int = DOCUMENT_BYTES_LIMIT) -> _T:
    """Read one JSON document as `kind`; `InputError` as `parse` and `fit`.

    Lists become tuples and texts become moments where `kind` says so, also where it is strict.
    """
    parse(raw, place, bytes_max)
    try:
        return cast(_T, _adapter(cast(Any, kind)).validate_json(raw))
    except ValidationError as error:
        raise InputError(f"{place}: {_first(error)}") from None


@lru_cache(maxsize=256)
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast(Any, kind))


def _first(error: ValidationError) -> str:
    detail = error.errors(include_input=False, include_url=False)[0]
    field = ".".join(map(str, detail["loc"]))
    return f"{field}: {message(detail)}" if field else message(detail)


def _why(raw: bytes, unfit: str) -> str:
    """Tell a word that JSON does not have from a number that it has, and no float holds."""
    try:
        from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        return f"not JSON: NaN or Infinity ({error})"
    return f"{unfit}: a number beyond a 64-bit float"


def _unfit(document: object) -> str | None:
    """Return where the first number is that no 64-bit float holds."""
    level = [("", document)]
    while level:
        for place, value in level:
            if isinstance(value, float) and not isfinite(value):
                return place or "it"
            if isinstance(value, int) and value.bit_length() > INTEGER_BITS_MAX:
                return place or "it"
        level = [
            (f"{place}.{key}" if place else str(key), inner)
            for place, value in level
            if isinstance(value, dict | list)
            for key, inner in (value.items() if isinstance(value, dict) else enumerate(value))
        ]
    return None


@dataclass(frozen=True, slots=True)
class Document:
    """The bytes of one JSON document; `line` (from 1) if it has a line of its own."""

    line: int | None
    raw: bytes


def documents(stream: BinaryIO) -> Iterator[Document]:
    """Yield the stream's documents, in memory bounded by `DOCUMENT_BYTES_LIMIT`.

    Lines are documents if the first line with something on it is a whole JSON object or array and
    is not alone, or if the stream as a whole is no document and the second such line is one.
    Nothing is yielded for a stream without content.  `InputError` for a document over the limit.
    """
    lines = _lines(stream)
    first = next(lines, None)
    if first is None:
        return
    if _is_whole(first.raw):
        yield from _lines_or_one(first, lines)
    else:
        yield from _whole_or_lines(first, stream)


def _lines_or_one(first: Document, lines: Iterator[Document]) -> Iterator[Document]:
    second = next(lines, None)
    if second is None:
        yield Document(None, first.raw)
    else:
        yield from chain((first, second), lines)


def _whole_or_lines(first: Document, stream: BinaryIO) -> Iterator[Document]:
    assert first.line is not None
    # Blank lines before it keep their place, so that a fault names the file's own line.
    head = b"\n" * (first.line - 1) + first.raw + b"\n"
    head += stream.read(DOCUMENT_BYTES_LIMIT) + stream.readline(DOCUMENT_BYTES_LIMIT)
    fits = len(head) <= DOCUMENT_BYTES_LIMIT
    if (fits and _is_whole(head)) or not _second_is_whole(head):
        # Neither lines nor one document: the remedy of the larger of the two mistakes.
        if not fits:
            raise InputError(
                f"is one JSON document of more than {DOCUMENT_BYTES_LIMIT >> 20} MiB; write one "
                "event a line (jq -c '.[]' does it)"
            )
        yield Document(None, head.rstrip(b" \t\r\n"))
        return
    yield from _lines(io.BytesIO(head))
    yield from _lines(stream, head.count(b"\n"))


def _lines(stream: BinaryIO, line: int = 0) -> Iterator[Document]:
    """Yield every line that is not blank, after `line` lines already read."""
    while raw := stream.readline(DOCUMENT_BYTES_LIMIT + 1):
        line += 1
        if len(raw) > DOCUMENT_BYTES_LIMIT:
            raise InputError(
                f"line {line} is longer than {DOCUMENT_BYTES_LIMIT >> 20} MiB; write one event a "
                "line (jq -c '.[]' does it)"
            )
        if raw.strip():
            yield Document(line, raw.rstrip(b"\r\n"))


def _second_is_whole(head: bytes) -> bool:
    lines = _lines(io.BytesIO(head))
    next(lines)
    second = next(lines, None)
    return second is not None and _is_whole(second.raw)


def _is_whole(raw: bytes) -> bool:
    try:
        return isinstance(decode(raw), dict | list)
    except InputError:
        return False
