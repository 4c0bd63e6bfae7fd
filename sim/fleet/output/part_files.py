"""Where badges leave their rows: in memory, in files of their own, or in files of many badges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, closing, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol, TypeAlias

from badge.host.files import append_lines, named, write_whole

SHARED = (".events", ".truth", ".batches")
"""What the badges of a process that live one after the other leave in the same files."""
OWN = (".numbers", ".causes")
"""What each badge leaves in a file of its own, if platforms are on the site."""
_BLOCK_BYTES = 1 << 20
DONE, REACHED = ".outcome", ".reached"
Place: TypeAlias = tuple[str, tuple[int, ...]]
"""The stem of a badge's files, and in each of `SHARED` where its rows begin and end, if shared."""


class Region(NamedTuple):
    """Where the rows of a badge lie: so many bytes of a file, from a place on."""

    path: Path
    start: int
    size: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing else is in the file."""
        return self.start == 0 and self.size == _size(self.path)

    def copy_to(self, file: BinaryIO) -> None:
        """Write what lies there into another file."""
        left = self.size
        with self.path.open("rb") as part:
            part.seek(self.start)
            while left and (block := part.read(min(left, _BLOCK_BYTES))):
                file.write(block)
                left -= len(block)


class RowFiles(Protocol):
    """Where a badge's rows go."""

    def append(self, suffix: str, lines: Iterable[bytes]) -> None:
        """Leave whole lines behind those that are there."""

    @property
    def lines(self) -> dict[str, list[bytes]]:
        """What is held in memory, by suffix."""

    @property
    def place(self) -> Place:
        """Where its rows are."""


class HeldRows:
    """Rows in memory: they go with their badge's result."""

    place = "", ()

    def __init__(self) -> None:
        self.lines: dict[str, list[bytes]] = {}

    def begin(self, index: int) -> None:
        """Let another badge begin."""
        self.lines = {}

    def append(self, suffix: str, lines: Iterable[bytes]) -> None:
        """Hold lines."""
        self.lines.setdefault(suffix, []).extend(lines)

    def close(self) -> None:
        """Nothing is open."""


class OwnFiles:
    """The files of one badge that lives beside others; of a life that was cut none is left."""

    def __init__(self, folder: Path, index: int) -> None:
        self._folder, self._index = folder, index
        self.lines: dict[str, list[bytes]] = {}
        self.place: Place = (f"{index:06d}", ())
        for suffix in (*SHARED, *OWN):
            own_file(folder, index, suffix).unlink(missing_ok=True)

    def append(self, suffix: str, lines: Iterable[bytes]) -> None:
        """Write lines."""
        append_lines(own_file(self._folder, self._index, suffix), lines)


class SharedFiles:
    """The files of badges that live one after the other, named after the first.

    A million badges with files of their own would spend most of their time on the folder.
    """

    def __init__(self, folder: Path, first: int, *, watched: bool) -> None:
        self._folder, self._index, self._watched = folder, first, watched
        self._stem = _free_stem(folder, first)
        self._files: dict[str, BinaryIO] = {}
        self._starts = dict.fromkeys(SHARED, 0)
        self._ends = dict.fromkeys(SHARED, 0)
        self.lines: dict[str, list[bytes]] = {}

    def begin(self, index: int) -> None:
        """Let another badge begin; what one has left that was not kept goes."""
        self._index = index
        for suffix, end in self._ends.items():
            if end != self._starts[suffix]:
                with suppress(OSError):
                    self._files[suffix].truncate(self._starts[suffix])
                self._files[suffix].seek(self._starts[suffix])
                self._ends[suffix] = self._starts[suffix]
        for suffix in OWN if self._watched else ():
            own_file(self._folder, index, suffix).unlink(missing_ok=True)

    def append(self, suffix: str, lines: Iterable[bytes]) -> None:
        """Write lines of the badge that lives."""
        if suffix in OWN:
            append_lines(own_file(self._folder, self._index, suffix), lines)
        else:
            self._ends[suffix] = self._write(suffix, b"".join(lines))

    def keep(self, outcome: bytes) -> None:
        """Write down that the badge is done: its rows, as long as they are now, are whole."""
        self._write(DONE, outcome + b"\n")
        self._starts |= self._ends

    @property
    def place(self) -> Place:
        """Where the rows of the badge that lives are."""
        bounds = ((self._starts[suffix], self._ends[suffix]) for suffix in SHARED)
        return self._stem, tuple(one for pair in bounds for one in pair)

    @property
    def own_bytes(self) -> tuple[int, ...]:
        """How much the badge that lives has in each of `OWN`; nothing if nobody watches."""
        return own_bytes(self._folder, self._index) if self._watched else ()

    def close(self) -> None:
        """Close the files; on a full disk there may be something left that cannot be written."""
        for file in self._files.values():
            with suppress(OSError):
                file.close()

    def _write(self, suffix: str, content: bytes) -> int:
        """Write at the end of a file, and tell where that is now."""
        try:
            file = self._files.get(suffix)
            if file is None:
                file = self._files[suffix] = self._path(suffix).open("wb")
            file.write(content)
            file.flush()
            return file.tell()
        except OSError as error:
            raise named(error, self._path(suffix)) from None

    def _path(self, suffix: str) -> Path:
        return self._folder / f"{self._stem}{suffix}"


def open_in_turn(
    folder: Path | None, first: int, watched: bool
) -> AbstractContextManager[SharedFiles | HeldRows]:
    """Open what takes the rows of badges that live one after the other; without a folder, memory.

    `watched`: platforms are on the site.
    """
    return closing(HeldRows() if folder is None else SharedFiles(folder, first, watched=watched))


def keep_reached(folder: Path, first: int, ms: int) -> None:
    """Note how far a process is: a run that is killed need not wait for the clock again."""
    write_whole(folder / f"{first:06d}{REACHED}", b"%d" % ms, durable=False)


def rename_if_there(path: Path, to: Path) -> None:
    """Give a file another name; none is made."""
    if path.exists():
        path.replace(to)


def own_file(folder: Path, index: int, suffix: str) -> Path:
    """Name a file of one badge alone."""
    return folder / f"{index:06d}{suffix}"


def own_bytes(folder: Path, index: int) -> tuple[int, ...]:
    """Give how long each file of `OWN` is; 0 where it is not there."""
    return tuple(_size(own_file(folder, index, suffix)) for suffix in OWN)


def region(folder: Path, place: Place, suffix: str) -> Region | None:
    """Give where a badge's rows lie; None if it has left none."""
    stem, bounds = place
    path = folder / f"{stem}{suffix}"
    if not bounds:
        return Region(path, 0, _size(path)) if path.exists() else None
    number = 2 * SHARED.index(suffix)
    start, end = bounds[number : number + 2]
    return Region(path, start, end - start) if end > start else None


def joined(regions: Iterable[Region]) -> Iterator[Region]:
    """Join what lies one after the other in the same file."""
    last: Region | None = None
    for one in regions:
        if last is not None and last.path == one.path and last.start + last.size == one.start:
            last = Region(last.path, last.start, last.size + one.size)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _free_stem(folder: Path, first: int) -> str:
    stem, number = f"{first:06d}", 1
    while any((folder / f"{stem}{suffix}").exists() for suffix in (*SHARED, DONE)):
        number += 1
        stem = f"{first:06d}-{number}"
    return stem


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
