"""Which parts of a data set are whole, and in the end the manifest: every file, counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from badge.contract.documents import parse
from badge.errors import InputError
from badge.host.files import named_file
from badge.host.systems import lock
from sim.fleet.dataset.address import UNFINISHED, Address, StoreLostError
from sim.fleet.dataset.plan import MANIFEST, PARTS, PLAN, DatasetPart, DatasetPlan


@dataclass(slots=True)
class PartDone:
    """A part that is whole: its files with rows, bytes and SHA-256, and what was counted."""

    site: str
    number: int
    key: str
    files: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def text(self) -> bytes:
        """Write it down; it is the last file of a part, so what it names is there."""
        document = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(document, indent=1, sort_keys=True).encode() + b"\n"


class _Told(TypedDict):
    """What is told of a file."""

    table: str
    site: str
    day: str
    path: str
    rows: int
    bytes: int
    sha256: str


_DONE, _FILES = TypeAdapter(PartDone), TypeAdapter(list[_Told])


def begin(address: Address, plan: DatasetPlan) -> bool:
    """Write down what is made, before any of it, and say whether that is new there.

    InputError if the address holds something else.
    """
    text = plan.text().encode()
    there = address.read(PLAN)
    if there is None:
        if address.sizes():
            raise InputError(f"{address.url} is not empty, and no data set; name another --out")
        address.write(PLAN, text)
    elif there != text:
        raise InputError(
            f"{address.url} holds another data set, of {_said(there)}; name another --out, or ask "
            "for the same scenario, seed, badges, hours, format and version"
        )
    return there is None


def forget(address: Address) -> None:
    """Take back what `begin` has written, of a data set of which nothing was made."""
    address.remove(PLAN)
    folder = address.local("")
    if folder is not None:
        with suppress(OSError):
            folder.rmdir()


@contextmanager
def alone(address: Address) -> Iterator[None]:
    """See that no other run of this machine makes the same folder; InputError if one does."""
    plan = address.local(PLAN)
    if plan is None:  # a store has no locks; whoever makes the same there writes the same
        yield
        return
    with plan.open("rb") as file:
        try:
            lock(file)
        except BlockingIOError:
            raise InputError(f"{address.url}: another run is making it now; wait for it") from None
        yield


def whole_parts(address: Address, parts: Iterable[DatasetPart]) -> dict[str, PartDone]:
    """Find the parts that are whole, by name: told to be, and with every file as long as then.

    In a folder they must have the same bytes, too; a store keeps its own from being changed.
    """
    told, sizes = address.sizes(PARTS), address.sizes()
    found = {}
    for part in parts:
        if part.name not in told:
            continue
        done = _read(address.read(part.name) or b"")
        if done is None or done.key != part.key:
            continue
        if not _lacking(sizes, done) and all(_is_same(address, one) for one in done.files):
            found[part.name] = done
    return found


def write_manifest(address: Address, plan: DatasetPlan, done: Mapping[str, PartDone]) -> str:
    """Write the manifest of a data set that is whole; give its SHA-256, which is that of all."""
    files = [one for _, part in sorted(done.items()) for one in part.files]
    files.sort(key=lambda one: one["path"])
    counts: Counter[str] = Counter()
    tables: Counter[str] = Counter()
    for part in done.values():
        counts.update(part.counts)
    for one in files:
        tables[one["table"]] += one["rows"]
    document: dict[str, Any] = {
        **plan.document(),
        "counts": dict(sorted(counts.items())),
        "rows": dict(sorted(tables.items())),
        "bytes": sum(one["bytes"] for one in files),
        "files": files,
    }
    _tidy(address, done)
    sizes = address.sizes()
    missing = next((name for part in done.values() for name in _lacking(sizes, part)), None)
    if missing is not None:
        raise StoreLostError(
            f"{address.url}: {missing} is not there, though a worker has written it; "
            "do all workers see the same address?"
        )
    with TemporaryDirectory(prefix="badge-manifest-") as folder:
        whole = Path(folder) / MANIFEST
        with named_file(whole) as file:
            file.writelines(_pieces(document))
        address.put(MANIFEST, whole)
        with whole.open("rb") as written:
            return file_digest(written, "sha256").hexdigest()


def _pieces(document: Mapping[str, Any]) -> Iterator[bytes]:
    """Write a manifest down, its files one by one: of a large fleet's year they are millions.

    Sorted: what was read again and what has just been made must be one text.
    """
    text = json.dumps({**document, "files": []}, indent=1, sort_keys=True) + "\n"
    head, name, tail = text.partition('\n "files": [')
    yield (head + name).encode()
    for number, one in enumerate(document["files"]):
        lines = json.dumps(one, indent=1, sort_keys=True).replace("\n", "\n  ")
        yield f"{',' if number else ''}\n  {lines}".encode()
    yield (("\n " if document["files"] else "") + tail).encode()


def _lacking(sizes: Mapping[str, int], done: PartDone) -> list[str]:
    """Name the files of a part that are not there, or not as long as they were."""
    return [one["path"] for one in done.files if sizes.get(one["path"]) != one["bytes"]]


def _is_same(address: Address, one: Mapping[str, Any]) -> bool:
    path = address.local(one["path"])
    if path is None:
        return True
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest() == str(one["sha256"])


def _tidy(address: Address, done: Mapping[str, PartDone]) -> None:
    """Remove what killed workers have left: chunks of parts that are whole, unfinished files."""
    for name in address.sizes():
        is_left = name.startswith(f"{PARTS}/") and name not in done
        if is_left or name.endswith(UNFINISHED):
            address.remove(name)


def _read(content: bytes) -> PartDone | None:
    """Read what a part has told; None of what was cut off as it was written."""
    try:
        done = _DONE.validate_python(parse(content, "part"))
        _FILES.validate_python(done.files, strict=True)
        return done
    except (InputError, ValidationError):
        return None


def _said(plan: bytes) -> str:
    try:
        return str(parse(plan, PLAN).get("scenario"))
    except (InputError, AttributeError):
        return "something else"
