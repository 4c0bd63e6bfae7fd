"""The badge in C as a folder that firmware is built from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from pydantic_core import to_json

from badge.host.files import whole_folder, write_whole
from badge.host.firmware.vectors import as_c, vectors

_CORE = Path(__file__).parents[2] / "c"
_TOP = ("Makefile", "CMakeLists.txt", "library.json", "hal_template.c", "test_vectors.c")
_README = """The badge in C99, written by `badge firmware export`.

src/             the core; its API is src/badge_core.h
hal_template.c   what the core calls, to be filled in for a board
vectors/         test vectors, as JSON and as C
library.c        three functions that make a shared library of it
Makefile         make, make test, make library: built and tested by the project
CMakeLists.txt   plain CMake; as an ESP-IDF component or a Zephyr module it was never built here
zephyr/          the Zephyr module: never built by west here
library.json     the PlatformIO library: never built by PlatformIO here

`make library` writes libmine.so, for `badge judge --core ./libmine.so` and the other commands that
take a core: of this one, until you change a file in src or put your own functions in its place.
"""


def export(folder: Path) -> int:
    """Write core, header, HAL template, vectors and build files; return how many files.

    `InputError` if the folder has something in it; it is there whole or not at all.
    """
    with whole_folder(folder) as made:
        return _write(made)


def _write(folder: Path) -> int:
    for source in sorted(_CORE.rglob("*.[ch]")):
        name = source.relative_to(_CORE)
        if name.parts[0] not in ("host", "export") and not name.stem.endswith("_slices"):
            _copy(source, folder / "src" / name)
    for top in _TOP:
        _copy(_CORE / "export" / top, folder / top)
    _copy(_CORE / "export" / "module.yml", folder / "zephyr" / "module.yml")
    _copy(_CORE / "host" / "library.c", folder / "library.c", {"../badge_core.h": "badge_core.h"})
    write_whole(folder / "README", _README.encode())
    write_vectors(folder / "vectors")
    return sum(path.is_file() for path in folder.rglob("[!.]*"))


def _copy(source: Path, target: Path, words: Mapping[str, str] = MappingProxyType({})) -> None:
    text = source.read_text(encoding="utf-8")
    for old, new in words.items():
        text = text.replace(old, new)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, text.encode())


def write_vectors(folder: Path) -> tuple[int, int]:
    """Write vectors.json and vectors.h; return how many rows of the law are used, of how many.

    Each stimulus is also a recording of its own, for `badge judge --stimulus`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = vectors()
    write_whole(folder / "vectors.json", to_json(found, indent=1) + b"\n")
    write_whole(folder / "vectors.h", as_c(found).encode())
    for number, stimulus in enumerate(found["stimuli"]):
        lines = b"".join(to_json(line) + b"\n" for line in stimulus["recording"])
        write_whole(folder / f"stimulus-{number:02d}.ndjson", lines)
    rows = found["rows"]
    return rows["covered"], rows["reachable"]
