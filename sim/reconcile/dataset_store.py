"""What a data set is held against: a file, or a folder of them, found as they are asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path

from badge.errors import InputError
from sim.reconcile.dataset_format import DatasetFormat
from sim.reconcile.dataset_parts import PLAN, TruthPart

FILES_AT_ONCE = 1000


class DatasetStore:
    """A store's files of one format.  InputError if there are none.

    Of another data set's folder the events alone count; its truth is not what a backend holds.
    """

    def __init__(self, store: Path, wanted: DatasetFormat) -> None:
        self._store = store / "events" if (store / PLAN).is_file() else store
        self._suffix = f".{wanted.name}"
        self._of_site: dict[str, list[Path]] = {}  # folders that lie as a data set's do
        found = 0
        for folder, names in self._folders():
            found += len(names)
            for one in folder.parts:
                if names and one.startswith("site="):
                    self._of_site.setdefault(one, []).append(folder)
        if not found:
            raise InputError(
                f"{self._store}: no {wanted.title} files; name a file of events, or a folder"
            )
        if self._store.is_file() and not wanted.is_of(self._store):
            raise InputError(
                f"{self._store}: not {wanted.title}, as the data set is; export it in the same "
                "format, or make the data set again with another --format"
            )

    def of(self, part: TruthPart) -> list[Path]:
        """Give the files that may hold rows of a part: all, unless they lie as a data set's do."""
        name = f"{part.number}{self._suffix}"
        folders = self._of_site.get(f"site={part.site}", ())
        own = [path for folder in folders if (path := folder / name).is_file()]
        return own or self._all

    def batches(self) -> Iterator[list[Path]]:
        """Give all files, some at a time."""
        files = (folder / name for folder, names in self._folders() for name in names)
        while some := list(islice(files, FILES_AT_ONCE)):
            yield some

    @cached_property
    def _all(self) -> list[Path]:
        return [path for some in self.batches() for path in some]

    def _folders(self) -> Iterator[tuple[Path, list[str]]]:
        """Give each folder with the names of the files in it; a file is one of its own."""
        if self._store.is_file():
            yield self._store.parent, [self._store.name]
            return
        for at, below, names in os.walk(self._store):
            below[:] = sorted(one for one in below if one != "truth")
            yield Path(at), sorted(one for one in names if one.endswith(self._suffix))
