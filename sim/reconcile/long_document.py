"""A JSON document of any length from outside, of which one list is read item by item.

Here the one reader judges each item's own bytes. ijson 3.6 gives values without their bytes: its C
backend dies of a number with 4,301 digits and makes a letter of half a surrogate pair; its Python
backend passes over a no-break space, and takes five times as long.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from badge.contract.documents import DOCUMENT_BYTES_LIMIT, parse
from badge.errors import InputError
from badge.host.files import named

_PIECE = 1 << 18
_SPACE = re.compile(r"[ \t\n\r]*")
_BEHIND = frozenset(" \t\n\r,:]}")
_SCANNER = json.JSONDecoder()


class LongObject:
    """An object whose list `key` is read an item at a time, in the memory of one.

    `rest` has its other members when the items are through.  `InputError`, as of `read_json`, for
    what is no such object, and for an item or another member of more than `bytes_max`.
    """

    def __init__(self, path: str | Path, key: str, bytes_max: int = DOCUMENT_BYTES_LIMIT) -> None:
        self._path, self._key, self._bytes_max = path, key, bytes_max
        self.rest: dict[str, Any] = {}

    def __iter__(self) -> Iterator[Any]:
        try:
            with Path(self._path).open(encoding="utf-8-sig", newline="") as file:
                yield from self._items(_Pieces(file, str(self._path), self._bytes_max))
        except UnicodeDecodeError:
            raise InputError(f"{self._path}: not UTF-8; save it as UTF-8") from None
        except OSError as error:
            raise named(error, self._path) from None

    def _items(self, text: _Pieces) -> Iterator[Any]:
        text.expect("{")
        is_empty = text.take("}")
        while not is_empty:
            name = text.value()
            text.expect(":")
            if name in self.rest or not isinstance(name, str):
                raise text.wrong(f"{name!r} is no name, or there twice")
            if name == self._key and text.take("["):
                self.rest[name] = []
                yield from text.items()
            else:
                self.rest[name] = text.value()
            if not text.take(","):
                break
        if not is_empty:
            text.expect("}")
        text.end()


class _Pieces:
    """A text that is read on as it is asked for."""

    def __init__(self, file: TextIO, place: str, bytes_max: int) -> None:
        self._file, self._place, self._bytes_max = file, place, bytes_max
        self._text, self._at = "", 0

    def wrong(self, what: str) -> InputError:
        return InputError(f"{self._place}: not JSON: {what}")

    def items(self) -> Iterator[Any]:
        """Give what is in a list, behind its first bracket."""
        is_empty = self.take("]")
        while not is_empty:
            yield self.value()
            if not self.take(","):
                break
        if not is_empty:
            self.expect("]")

    def take(self, letter: str) -> bool:
        """Pass over a letter, if it comes next."""
        if self._next() != letter:
            return False
        self._at += 1
        return True

    def expect(self, letter: str) -> None:
        if not self.take(letter):
            raise self.wrong(f"{self._next() or 'the end'!r} where {letter!r} should be")

    def end(self) -> None:
        if found := self._next():
            raise self.wrong(f"{found!r} behind its end")

    def value(self) -> Any:
        """Read the value that comes next, whatever it is; the one reader judges it."""
        self._next()
        while True:
            try:
                _, end = _SCANNER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError):
                end = len(self._text)
            # A number may go on in the next piece, and half of one be a number.
            if self._text[end : end + 1] in _BEHIND:
                break
            if len(self._text) - self._at > self._bytes_max or not self._read():
                break
        raw, self._at = self._text[self._at : end].encode(), end
        return parse(raw, self._place, self._bytes_max)

    def _next(self) -> str:
        """Give the next letter that is no space; nothing at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            assert found is not None
            self._at = found.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read():
                return ""

    def _read(self) -> bool:
        piece = self._file.read(_PIECE)
        if piece:
            self._text, self._at = self._text[self._at :] + piece, 0
        return bool(piece)
