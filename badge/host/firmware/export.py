"""The badge in C as a folder that firmware is built from."""

from __future__ import annotations

import shutil
from pathlib import Path

from pydantic_core import to_json

from badge.errors import InputError
from badge.host.files import write_whole
from badge.host.firmware.vectors import as_c, vectors

_CORE = Path(__file__).parents[2] / "c"
_TOP = ("Makefile", "CMakeLists.txt", "library.json", "hal_template.c", "test_vectors.c")
_README = """The badge in C99, written by `badge firmware export`.

src/             the core; its API is src/badge_core.h
hal_template.c   what the core calls, to be filled in for a board
vectors/         test vectors, as JSON and as C
Makefile         make, make test: built and tested by the project
CMakeLists.txt   plain CMake; as an ESP-IDF component or a Zephyr module it was never built here
zephyr/          the Zephyr module: never built by west here
library.json     the PlatformIO library: never built by PlatformIO here

Change nothing in src: `badge firmware export` writes it anew.
"""


def export(folder: Path) -> int:
    """Write core, header, HAL template, vectors and build files; return how many files.

    `InputError` if the folder has something in it.
    """
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder}: not empty; name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    leave_out = shutil.ignore_patterns("host", "export", "*_slices.h")
    shutil.copytree(_CORE, folder / "src", ignore=leave_out)
    for name in _TOP:
        shutil.copy(_CORE / "export" / name, folder / name)
    (folder / "zephyr").mkdir()
    shutil.copy(_CORE / "export" / "module.yml", folder / "zephyr" / "module.yml")
    write_whole(folder / "README", _README.encode())
    write_vectors(folder / "vectors")
    return sum(path.is_file() for path in folder.rglob("*"))


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
