"""What the fuzzer knows of a reader: valid input, how to change it, how to read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from badge.errors import InputError

Mutate = Callable[[Random, bytes, Sequence[bytes]], bytes]
Read = Callable[[bytes], object]


@dataclass(frozen=True)
class Reader:
    """One reader.

    `seeds` gives valid inputs; `open` gives what reads one, in a folder that is its own;
    `refusals` are the errors by which it may refuse one; without the modules `needs` it is not
    there.  `heavy` divides the inputs, for what takes far more than a millisecond each.
    """

    name: str
    seeds: Callable[[Path], list[bytes]]
    open: Callable[[Path], Read]
    mutate: Mutate
    refusals: tuple[type[Exception], ...] = (InputError,)
    needs: tuple[str, ...] = ()
    heavy: int = 1


def from_file(read: Callable[[Path], object], name: str) -> Callable[[Path], Read]:
    """Open a reader that wants a path: each input is written to a file of that name."""

    def opened(folder: Path) -> Read:
        path = folder / name

        def one(content: bytes) -> object:
            path.write_bytes(content)
            return whole(read(path))

        return one

    return opened


def directly(read: Callable[[bytes], object]) -> Callable[[Path], Read]:
    """Open a reader that wants bytes."""
    return lambda folder: lambda content: whole(read(content))


def whole(value: Any) -> Any:
    """Read lazy results to their end: much is refused only there."""
    return list(value) if hasattr(value, "__next__") else value
