"""Build the wheel and the sdist, install each in an environment of its own, and run what is in it.

    python scripts/check_packages.py

Leaves both in dist/.  Exits 1 at the first step that fails, with what it printed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
# What a user tries first: the help, the contract, the shift of one badge out of a recorded walk.
SMOKE = (["--help"], ["--version"], ["schema"], ["demo", "--one"], ["scenario", "list"])
NEEDS_EXTRA = {"scenario": "simulate"}


def run(*command: str | Path, cwd: Path) -> None:
    """Run one step, quietly; SystemExit 1 with its output when it fails."""
    done = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        print(f"failed: {' '.join(map(str, command))}\n{done.stdout}{done.stderr}", file=sys.stderr)
        raise SystemExit(1)


def environment(folder: Path) -> Path:
    """Make an environment with pip; gives the folder of its programs."""
    venv.create(folder, with_pip=True)
    return folder / ("Scripts" if os.name == "nt" else "bin")


def check(package: Path, scratch: Path) -> None:
    """Install one package without and with an extra, in a folder far from the sources."""
    programs = environment(scratch / package.suffix.strip("."))
    for extra in ("", "[simulate]"):
        run(programs / "python", "-m", "pip", "install", "-q", f"{package}{extra}", cwd=scratch)
        for words in SMOKE:
            if extra or words[0] not in NEEDS_EXTRA:
                run(programs / "badge", *words, cwd=scratch)
        print(f"{package.name}{extra}: installs, and {len(SMOKE)} commands run")


def main() -> None:
    """Build both packages and check each."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        programs = environment(scratch / "build")
        run(programs / "python", "-m", "pip", "install", "-q", "build", cwd=scratch)
        for old in [*DIST.glob("*.whl"), *DIST.glob("*.tar.gz")]:
            old.unlink()
        run(programs / "python", "-m", "build", "--outdir", DIST, ROOT, cwd=scratch)
        for package in [*DIST.glob("*.whl"), *DIST.glob("*.tar.gz")]:
            check(package, scratch)


if __name__ == "__main__":
    main()
