"""The parts of a data set by its manifest, in the memory of one, however many files it has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import file_digest
from itertools import groupby
from pathlib import Path
from typing import Annotated

from pydantic import Field

from badge.contract.documents import fit
from badge.errors import InputError
from sim.reconcile.dataset_format import FORMATS
from sim.reconcile.long_document import LongObject
from sim.reconcile.scratch import Scratch

MANIFEST, PLAN = "manifest.json", "_plan.json"
_TRUTH = "truth/events"


@dataclass(frozen=True, slots=True)
class TruthPart:
    """The truth of some badges of a site: files of all their days, and how many rows they have.

    `digests` are the files' SHA-256, as the manifest has them.
    """

    site: str
    number: str
    files: tuple[Path, ...]
    digests: tuple[str, ...]
    rows: int

    def check(self) -> None:
        """See that the files are as they were made; InputError names one that is not."""
        for path, digest in zip(self.files, self.digests, strict=True):
            try:
                with path.open("rb") as file:
                    found = file_digest(file, "sha256").hexdigest()
            except FileNotFoundError:
                raise _changed(path, "not there") from None
            if found != digest:
                raise _changed(path, "not as it was made")


@dataclass(frozen=True, slots=True)
class _File:
    """A file, as a manifest tells it."""

    table: str
    site: str
    path: str
    rows: Annotated[int, Field(ge=0, lt=2**63)]
    sha256: str


@dataclass(frozen=True, slots=True)
class _Manifest:
    """What it says beside its files."""

    format: str
    counts: dict[str, int]
    files: list[object]


class TruthParts:
    """All parts of a data set's truth, by site and number; their files wait on the disk.

    InputError for a manifest that is none, and for a file that it names and that is not there.
    """

    def __init__(self, folder: Path, room: Scratch) -> None:
        self._folder, self._room = folder, room
        self.rows = 0
        manifest = LongObject(folder / MANIFEST, "files")
        room.fill("files", 5, self._files(manifest))
        said = fit(_Manifest, manifest.rest, str(folder / MANIFEST))
        if said.format not in FORMATS:
            titles = " or ".join(one.title for one in FORMATS.values())
            raise InputError(f"{folder}: of {said.format}; make it again with {titles}")
        self.format, self.badges = FORMATS[said.format], said.counts.get("badges", 0)
        self._count = sum(1 for _ in self._grouped())

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[TruthPart]:
        for (site, number), found in self._grouped():
            files = list(found)
            paths = tuple(self._folder / one[2] for one in files)
            digests = tuple(one[4] for one in files)
            yield TruthPart(site, number, paths, digests, sum(one[3] for one in files))

    def _grouped(
        self,
    ) -> Iterator[tuple[tuple[str, str], Iterator[tuple[str, str, str, int, str]]]]:
        rows = self._room.ordered("files", 0, 1, 2)
        return groupby(rows, lambda row: (row[0], row[1]))

    def _files(self, manifest: LongObject) -> Iterator[tuple[str, str, str, int, str]]:
        place = self._folder / MANIFEST
        for number, item in enumerate(manifest):
            one = fit(_File, item, f"{place}: files.{number}")
            if one.table != _TRUTH:
                continue
            path = Path(one.path)
            if path.is_absolute() or ".." in path.parts:
                raise InputError(f"{place}: {one.path} leads out of the data set")
            if not _is_there(self._folder / path):
                raise _changed(self._folder / path, "not there")
            self.rows += one.rows
            yield one.site, path.stem, one.path, one.rows, one.sha256


def is_dataset(folder: Path) -> bool:
    """Tell a data set's folder from a run's; InputError for one that is not whole."""
    whole = (folder / MANIFEST).is_file()
    if not whole and (folder / PLAN).is_file():
        raise InputError(
            f"{folder}: a data set that is not whole: the badge simulate --dask that began it "
            "makes the rest"
        )
    return whole


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # of a name that no file can have
        return False


def _changed(path: Path, how: str) -> InputError:
    return InputError(f"{path}: {how}, though the manifest names it; make the data set again")
