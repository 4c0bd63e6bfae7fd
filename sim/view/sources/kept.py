"""A picture kept beside its run: worked out once, read again as long as the run is the same."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

import numpy as np
from pydantic_core import to_json

from badge.contract.documents import parse
from badge.errors import InputError
from badge.host.files import whole_file
from sim.view.model.columns import EVENT, MARK, SAMPLE, SPAN, Columns, rows_of
from sim.view.model.picture import FORMAT, Picture

NAME = "picture.npz"
DOCUMENT_BYTES_MAX = 256 << 20
_TABLES = {"events": EVENT, "spans": SPAN, "samples": SAMPLE, "marks": MARK}
_LEVELS = {"seen": "<u2", "counts": "<u4"}


def digest_of(sources: Iterable[Path]) -> str:
    """Name the state of these files: other sizes or times are another state."""
    words = [f"{FORMAT}"]
    for path in sources:
        with suppress(OSError):
            found = path.stat()
            words.append(f"{path.name} {found.st_size} {found.st_mtime_ns}")
    return blake2b("\n".join(words).encode(), digest_size=16).hexdigest()


def read_kept(folder: Path, digest: str) -> Picture | None:
    """Read the picture that was kept; None if there is none, or it is of another state."""
    try:
        with (folder / NAME).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            if file["digest"].tobytes().decode() != digest:
                return None
            content = file["document"].tobytes()
            document = parse(content, NAME, DOCUMENT_BYTES_MAX)
            tables = {
                table: {name: file[f"{table}.{name}"] for name in fields}
                for table, fields in {**_TABLES, "levels": _LEVELS}.items()
            }
    except Exception:  # zipfile and numpy raise a dozen kinds; it can be worked out anew
        return None
    return Picture(document, tables) if _is_sound(tables) and isinstance(document, dict) else None


def _is_sound(tables: dict[str, Columns]) -> bool:
    """Tell whether columns have their types, and those of a table one length."""
    for table, fields in {**_TABLES, "levels": _LEVELS}.items():
        columns = tables[table]
        if any(columns[name].dtype != np.dtype(kind) for name, kind in fields.items()):
            return False
        if table in _TABLES and {c.shape for c in columns.values()} != {(rows_of(columns),)}:
            return False
    return True


def keep_picture(folder: Path, digest: str, picture: Picture) -> None:
    """Keep it, if the folder can be written to; another time it is worked out again."""
    arrays = {
        f"{table}.{name}": column
        for table, columns in picture.tables.items()
        for name, column in columns.items()
    }
    arrays["digest"] = np.frombuffer(digest.encode(), dtype=np.uint8)
    document = to_json(picture.document, inf_nan_mode="null")
    arrays["document"] = np.frombuffer(document, dtype=np.uint8)
    with suppress(OSError, InputError), whole_file(folder / NAME, durable=False) as file:
        np.savez(file, allow_pickle=False, **arrays)
