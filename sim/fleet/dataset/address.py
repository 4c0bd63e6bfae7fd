"""Where a data set is written: a folder, or an object store, whatever fsspec knows by its URL."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

from badge.errors import InputError
from badge.extras import lacking

UNFINISHED = ".unfinished"  # of a folder's file until it is whole; killed writers leave some


class StoreLostError(InputError):
    """The store cannot be written or read just now; what is whole there stays."""


class Address:
    """A root and what lies under it, by names with slashes; a put file is whole or not there.

    Credentials are those of the store's own library, out of the environment; none is kept.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            fsspec = import_module("fsspec")  # it comes with the extra `dask`, like all stores
        except ImportError:
            raise InputError(lacking("fsspec", "a data set")) from None
        # A folder is named as everywhere else, and seen alike from every process of this machine.
        where = url if "://" in url else str(Path(url).absolute())
        try:
            self._files, self._root = fsspec.core.url_to_fs(where)
        except ImportError as error:
            raise InputError(f"{url}: the library of this store is missing: {error}") from None
        except ValueError:
            raise InputError(
                f"{url}: no such kind of store; write a folder, or an address that fsspec knows, "
                "as az://bucket/season or s3://bucket/season"
            ) from None
        folder = self.local("")
        if folder is not None and folder.exists() and not folder.is_dir():
            raise InputError(f"{url} is a file; name a folder")

    def read(self, name: str) -> bytes | None:
        """Give a file's bytes; None if there is none."""
        content: bytes | None = self._do(self._read, name)
        return content

    def write(self, name: str, content: bytes) -> None:
        """Write a small file."""
        self._do(self._write, name, content)

    def put(self, name: str, local: Path) -> None:
        """Copy a file of this machine there."""
        self._do(self._put, name, local)

    def get(self, name: str, local: Path) -> None:
        """Copy a file to this machine."""
        self._do(self._files.get_file, self._path(name), str(local))

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        self._do(self._remove, name)

    def sizes(self, under: str = "") -> dict[str, int]:
        """List all files under a folder by their names, with their sizes; the unfinished, too."""
        found: dict[str, int] = self._do(self._sizes, under)
        return found

    def local(self, name: str) -> Path | None:
        """Give the file of this machine, where the address is a folder of it."""
        kept = self._files.protocol
        is_local = "file" in ((kept,) if isinstance(kept, str) else kept)
        return Path(self._path(name)) if is_local else None

    def open(self, name: str) -> Any:
        """Open a file to read."""
        return self._do(lambda: self._files.open(self._path(name), "rb"))

    def _do(self, call: Any, *arguments: Any) -> Any:
        try:
            return call(*arguments)
        except Exception as error:  # each store has a family of errors of its own
            words = str((isinstance(error, OSError) and error.strerror) or error)
            said = words.strip().splitlines() or [type(error).__name__]
            raise StoreLostError(f"{self.url}: {said[0]}") from None

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}" if name else str(self._root)

    def _read(self, name: str) -> bytes | None:
        try:
            content: bytes = self._files.cat_file(self._path(name))
        except FileNotFoundError:
            return None
        return content

    def _write(self, name: str, content: bytes) -> None:
        self._make(name, lambda path: self._files.pipe_file(path, content))

    def _put(self, name: str, local: Path) -> None:
        self._make(name, lambda path: self._files.put_file(str(local), path))

    def _make(self, name: str, write: Callable[[str], None]) -> None:
        """Write a file whole or not at all: a store does so by itself, a folder by a rename."""
        path, here = self._path(name), self.local(name)
        self._files.makedirs(self._files._parent(path), exist_ok=True)
        if here is None:
            write(path)
            return
        unfinished = f"{path}.{uuid4().hex[:8]}{UNFINISHED}"
        try:
            write(unfinished)
            Path(unfinished).replace(here)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise

    def _remove(self, name: str) -> None:
        try:
            self._files.rm_file(self._path(name))
        except FileNotFoundError:
            return

    def _sizes(self, under: str) -> dict[str, int]:
        self._files.invalidate_cache()
        root = self._path(under)
        if not self._files.exists(root):
            return {}
        found = self._files.find(root, detail=True)
        cut = len(self._root.rstrip("/")) + 1
        return {path[cut:]: int(one["size"]) for path, one in sorted(found.items())}
