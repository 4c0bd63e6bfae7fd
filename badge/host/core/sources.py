"""Which sources of the C core a build is made of; `setup.py` runs this file alone."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path


def core_sources(folder: Path) -> list[Path]:
    """Return what the extension is compiled from: badge/c without what is there to be exported."""
    return sorted(
        path for path in folder.rglob("*.[ch]") if "export" not in path.relative_to(folder).parts
    )


def core_digest(folder: Path) -> str:
    """Return 16 hex digits that change when any of the sources does."""
    digest = sha256()
    for path in core_sources(folder):
        # Not as a checkout has its line ends, which differ by system.
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()[:16]
