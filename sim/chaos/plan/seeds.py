"""Files of seeds that once failed: one number a line, `#` starts a remark."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from badge.errors import InputError
from badge.host.documents import read_text
from badge.host.files import append_lines

SEED_MAX = 2**63 - 1


def read_seeds(path: Path) -> tuple[int, ...]:
    """Read the seeds of a file, each once, in their order; none if there is no file.

    Raises `InputError` with the line that is no number.
    """
    if not path.exists():
        return ()
    seeds: dict[int, None] = {}
    for number, line in enumerate(read_text(path).splitlines(), 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= SEED_MAX):
            raise InputError(
                f"{path} line {number}: {text[:80]!r} is no seed; write a whole number"
            )
        seeds[int(text)] = None
    return tuple(seeds)


def add_seeds(path: Path, failed: Iterable[tuple[int, str]]) -> None:
    """Append the seeds that the file lacks, each with its broken promise as a remark."""
    known = set(read_seeds(path))
    lines = [f"{seed}  # {promise}\n" for seed, promise in failed if seed not in known]
    if lines:
        append_lines(path, [line.encode() for line in lines])
