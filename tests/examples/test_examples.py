"""Every example runs, and prints what its docstring promises."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from tests.paths import EXAMPLES


def promised(path):
    """The indented block that ends an example's docstring; None if it shows none."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")), clean=False) or ""
    *_, block = docstring.rstrip().split("\n\n")
    lines = block.splitlines()
    if not all(line.startswith("    ") for line in lines) or len(lines) < 2:
        return None
    return lines


SHOWN = [path for path in sorted(EXAMPLES.glob("*.py")) if promised(path)]


def test_there_are_examples_with_their_output():
    assert EXAMPLES / "own_loop.py" in SHOWN


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: path.stem)
def test_an_example_prints_what_it_promises(path, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", path],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.strip() for line in done.stdout.splitlines()] == [
        line.strip() for line in promised(path)
    ]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_an_example_says_what_it_is_and_compiles(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    compile(tree, str(path), "exec")
