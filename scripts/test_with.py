"""Run the tests with the lowest versions that pyproject.toml allows, or with the newest.

    python scripts/test_with.py lowest|newest [--venv DIR] [--install-only] [PYTEST ARGUMENTS...]

Each direct dependency is taken at its bound (uv's `lowest-direct`), what these need as new as they
allow: so a bound that is not true fails here and not at a user's.  Exits as pytest does.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESOLUTION = {"lowest": "lowest-direct", "newest": "highest"}


def main() -> int:
    """Make the environment, install, test; gives the exit code of the step that failed, or 0."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("versions", choices=RESOLUTION)
    parser.add_argument("--venv", type=Path, help="where the environment goes [a scratch folder]")
    parser.add_argument("--install-only", action="store_true", help="leave the tests out")
    options, words = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.venv or Path(scratch) / "venv"
        venv.create(folder, with_pip=True, clear=True)
        python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
        steps = [
            [python, "-m", "pip", "install", "-q", "uv"],
            [
                *(python, "-m", "uv", "pip", "install", "-q", "--python", python),
                *("--resolution", RESOLUTION[options.versions], "-e", f"{ROOT}[test]"),
            ],
        ]
        if not options.install_only:
            steps.append([python, "-m", "pytest", *words])
        for step in steps:
            if code := subprocess.run([*map(str, step)], cwd=ROOT, check=False).returncode:
                return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
