"""Builds of the C core for tests: with a bug in it, or with other flags."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.canaries.core import CoreBug
from tests.paths import ROOT

CORE = ROOT / "badge" / "c"
FLAGS = ("-std=c99", "-O1", "-fPIC", '-DBADGE_SIZES="host/sizes.h"')


def build(folder: Path, bug: CoreBug | None = None, *flags: str, cc: str = "cc") -> Path:
    """Return a shared library of the core, made in this folder; objects that are there stay."""
    sources = folder / ("right" if bug is None else "wrong")
    shutil.copytree(CORE, sources, dirs_exist_ok=True)
    if bug is not None:
        path = sources / bug.file
        text = path.read_text(encoding="utf-8")
        assert text.count(bug.right) == 1, f"{bug.name}: {bug.file} has changed"
        path.write_text(text.replace(bug.right, bug.wrong), encoding="utf-8")
    objects = []
    for source in sorted(sources.rglob("*.c")):
        if "export" in source.parts:
            continue
        name = str(source.relative_to(sources))
        mine = bug is not None and name == bug.file
        target = folder / f"{name.replace('/', '_')}{'.wrong' if mine else ''}.o"
        if mine or not target.exists():
            run(cc, *FLAGS, *flags, "-I", str(sources), "-c", str(source), "-o", str(target))
        objects.append(str(target))
    library = folder / ("wrong.so" if bug else "right.so")
    run(cc, "-shared", *flags, *objects, "-o", str(library))
    if bug is not None:
        (folder / f"{bug.file.replace('/', '_')}.wrong.o").unlink()
    return library


def build_library(
    target: Path, objects: Path, *, file: str = "", right: str = "", wrong: str = ""
) -> Path:
    """Return the core as a library that is loaded by others, with a change of one place in it;
    the folder `objects` is made once, and keeps what is not changed.
    """
    sources, flags = objects / "core", ("-std=c99", "-O0", "-fPIC")
    if not objects.exists():
        unused = shutil.ignore_patterns("export", "block.c", "store.c", "tape.c", "pump.c")
        shutil.copytree(CORE, sources, ignore=unused)
        (sources / "host" / "host.c").unlink()
        files = map(str, sorted(sources.rglob("*.c")))
        run("cc", *flags, "-I", str(sources), "-c", *files, cwd=objects)
    found = {path.stem: path for path in objects.glob("*.o")}
    if file:
        text = (sources / file).read_text(encoding="utf-8")
        assert text.count(right) == 1, f"{file} has changed"
        changed = target.with_suffix(".c")
        changed.write_text(text.replace(right, wrong), encoding="utf-8")
        found[Path(file).stem] = changed
    files = [str(found[name]) for name in sorted(found)]
    places = ["-I", str((sources / file).parent), "-I", str(sources)]
    run("cc", *flags, "-shared", *places, *files, "-o", str(target))
    return target


def run(*command: str, cwd: Path | None = None) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"


def hunted(library: Path, **environment: str) -> str:
    """Hunt a build in a process of its own; the check that fails, "crash" or "none"."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.canaries.core_hunt"],
        env={**os.environ, "BADGE_C_CORE": str(library), **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return f"crash: {done.stderr[-2000:]}"
    return done.stdout.strip()
