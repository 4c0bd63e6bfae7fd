"""Writing to files: whole or not at all, and errors that say which file they are about."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from typing import BinaryIO, Literal, cast

from badge.errors import InputError
from badge.host.systems import lock, rename

_CLOEXEC = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_BLOCK_BYTES = 65_536
_WRITING = ".writing"


def named(error: OSError, path: str | Path) -> OSError:
    """Return the error with that file's name, if it has none: writing and syncing tell none."""
    if error.filename is not None or error.errno is None:
        return error
    return OSError(error.errno, error.strerror, str(path))


@contextmanager
def named_file(path: Path, mode: Literal["wb", "ab"] = "wb") -> Iterator[BinaryIO]:
    """Open a file to write in a folder that is not shown until it is whole; `OSError` names it."""
    try:
        with cast(BinaryIO, path.open(mode)) as file:
            yield file
    except OSError as error:
        raise named(error, path) from None


def unused(path: Path) -> Path:
    """Return the path, or the first of NAME-2, NAME-3 … if a file is there.

    A recording begins with the memory that its badge booted with, so another start is another
    recording; and what was recorded before is never written over.
    """
    number, free = 1, path
    while free.is_file():  # a device or a pipe is written as it is
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free


def append_lines(path: Path, lines: Iterable[bytes], *, private: bool = False) -> None:
    """Write whole lines to the end of a file; it is made if there is none."""
    try:
        with open(path, "ab", opener=_private if private else None) as file:
            file.writelines(lines)
    except OSError as error:
        raise named(error, path) from None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def refuse_overwriting(inputs: Iterable[Path | None], outputs: Iterable[Path | None]) -> None:
    """Raise `InputError` for an output that is an input, or another output, under any name.

    A hard or symbolic link is the file that it means.  What is no regular file may be named often.
    """
    taken: dict[tuple[int, int] | str, Path] = {}
    for path in outputs:
        if path is None or (path.exists() and not path.is_file()):
            continue
        if taken.setdefault(_identity(path), path) is not path:
            raise _named_twice(path)
    for path in inputs if taken else ():  # there may be millions of them
        if path is not None and (found := taken.get(_identity(path))) is not None:
            raise _named_twice(found)


def _named_twice(path: Path) -> InputError:
    return InputError(f"{path}: named twice; every file needs a name of its own")


def _identity(path: Path) -> tuple[int, int] | str:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return os.path.realpath(path)
    return found.st_dev, found.st_ino


@contextmanager
def whole_file(
    path: str | Path, *, durable: bool = True, private: bool = False
) -> Iterator[BinaryIO]:
    """Give a file to write that takes its name only when the block ends well.

    Until then, and after any error, kill or full disk, what stood under the name still stands
    there.  A link stays a link and a mode stays that mode; a new file's mode is the usual one.
    With `durable` it survives a loss of power, too; a new file that is `private` is for its owner
    alone, from its first byte on.  What is no regular file, like /dev/stdout,
    is written as it is.  `OSError` names the file, `InputError` says that another process is
    writing it.
    """
    asked = Path(path)
    try:
        if _is_device(asked):
            with asked.open("wb") as device:
                yield device
            return
        # A rename replaces a link; what the link means is to be replaced.
        target = Path(os.path.realpath(asked))
        # Beside it, since only within a file system a rename is one step.
        part = target.with_name(f".{target.name}.part")
        file = _take(part, asked, 0o600 if private else 0o666)
        try:
            with file:
                yield file
                _settle(file, target, durable=durable)
                rename(part, target, file)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        if durable:
            _sync_folder(target.parent)
    except OSError as error:
        # Of the file that the user named, not of the unfinished one beside it.
        own = error.filename is None or str(error.filename).endswith(".part")
        raise OSError(error.errno, error.strerror, str(asked)) if own else error from None


def write_whole(
    path: str | Path, content: bytes, *, durable: bool = True, private: bool = False
) -> None:
    """Write a file in one step; see `whole_file`."""
    with whole_file(path, durable=durable, private=private) as file:
        file.write(content)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder to fill, which takes the name of `path` only when the block ends well.

    After an error nothing is left; what a kill leaves lies under a hidden name beside it, and goes
    with the next one.  `InputError` if the folder has something in it, or if another process is
    making it.
    """
    if path.exists() and any(path.iterdir()):
        raise InputError(f"{path}: not empty; name a new folder")
    part = path.absolute().with_name(f".{path.absolute().name}.part")
    part.mkdir(parents=True, exist_ok=True)
    with (part / _WRITING).open("wb") as writing:
        try:
            lock(writing.fileno())
        except BlockingIOError:
            raise _in_use(path) from None
        try:
            for left in part.iterdir():  # of one that was killed
                if left.name != _WRITING:
                    rmtree(left) if left.is_dir() else left.unlink()
            yield part
        except BaseException:
            rmtree(part, ignore_errors=True)
            if part.exists():  # Windows removes nothing that is open
                writing.close()
                rmtree(part, ignore_errors=True)
            raise
    (part / _WRITING).unlink()
    with suppress(FileNotFoundError):
        path.rmdir()  # empty: a rename over it is no step everywhere
    part.rename(path.absolute())


def _is_device(path: Path) -> bool:
    """Tell what has no content to replace; /dev/stdout may stand for a file that a shell holds."""
    absolute = path.absolute()
    if absolute.parts[1:2] == ("proc",) or str(absolute).startswith(("/dev/std", "/dev/fd/")):
        return True
    return path.exists() and not path.is_file()


def _take(part: Path, asked: Path, mode: int) -> BinaryIO:
    """Make the unfinished file; one that a killed process left behind is thrown away.

    The lock tells a left one from one that is being written: it goes with its process.
    """
    while True:
        try:
            number = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | _CLOEXEC, mode)
            lock(number)
            return os.fdopen(number, "wb")
        except FileExistsError:
            _throw_away(part, asked)
        except BlockingIOError:
            os.close(number)
            raise _in_use(asked) from None


def _throw_away(part: Path, asked: Path) -> None:
    with suppress(FileNotFoundError), part.open("rb") as left:
        try:
            lock(left)
        except BlockingIOError:
            raise _in_use(asked) from None
        # The name may have passed to another's file between opening and locking.
        if os.path.samestat(part.stat(), os.fstat(left.fileno())):
            try:
                part.unlink()
            except PermissionError:  # Windows: it is open
                left.close()
                part.unlink()


def _in_use(path: Path) -> InputError:
    return InputError(f"{path}: another process is writing it; wait for it or take another file")


def _settle(file: BinaryIO, target: Path, *, durable: bool) -> None:
    """Bring all to the file, and give it what the one before it had: mode and owner."""
    file.flush()
    with suppress(FileNotFoundError):
        before = target.stat()
        if hasattr(os, "fchown"):  # Windows has no owners and modes of this kind
            with suppress(PermissionError):  # another's file in a folder of ours
                os.fchown(file.fileno(), before.st_uid, before.st_gid)
            os.fchmod(file.fileno(), stat.S_IMODE(before.st_mode))
    if durable:
        # Before the rename: a name must not be seen, after a loss of power, on half a file.
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a loss of power."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows opens no folders, and keeps renames in order
        return
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def cut_unfinished_line(path: Path) -> None:
    """Cut off a last line that was under way when its process was killed or the disk was full."""
    if not path.is_file():  # nothing there yet, or a device, which has no end
        return
    with path.open("rb") as file:
        here = end = file.seek(0, os.SEEK_END)
        while here:
            begin = max(0, here - _BLOCK_BYTES)
            file.seek(begin)
            newline = file.read(here - begin).rfind(b"\n")
            if newline >= 0:
                here = begin + newline + 1
                break
            here = begin
    if here < end:
        os.truncate(path, here)
