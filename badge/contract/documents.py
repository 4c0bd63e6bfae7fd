"""Cut a stream of bytes into JSON documents: one document, or one per line (NDJSON)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from badge.contract.validation import decode
from badge.errors import InputError

DOCUMENT_BYTES_LIMIT = 8 << 20  # 500 events are some 125 kB


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
