"""docs/firmware.md: its example runs and prints what the page shows."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import copyfile, which

import pytest

from tests.docs.pages import indented
from tests.paths import DOCS, ROOT


def test_the_page_for_firmware_engineers_is_true():
    page = (DOCS / "firmware.md").read_text()
    code = page.split("```python\n")[1].split("```")[0]
    wanted = page.split("```text\n")[1].split("```")[0]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "docs/firmware.md", "exec"), {})
    assert said.getvalue() == wanted
    for command in ("probe", "run", "judge"):
        assert f"badge {command}" in page + (DOCS / "hardware.md").read_text()
    assert json.dumps("never run")[1:-1] in page


@pytest.mark.slow
@pytest.mark.skipif(not (which("make") and which("cc")), reason="no C compiler and make here")
def test_the_lines_in_c_run(tmp_path):
    """Those that take minutes with fewer seeds and hours."""
    copyfile(ROOT / "examples/firmware_bench/shift.ndjson", tmp_path / "shift.ndjson")
    folder = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    blocks = [one.text for one in indented(DOCS / "firmware.md") if "-C firmware" in one.text]
    lines = [line for block in blocks for line in block.splitlines()]
    assert len(lines) == 7
    for line in lines:
        shorter = line.replace("--seeds 20", "--seeds 1")
        shorter = re.sub("(badge powercut.*)", r"\1 --stride 9973", shorter)
        shorter = re.sub("(badge simulate.*)", r"\1 --hours 0.2", shorter)
        done = subprocess.run(
            shorter,
            shell=True,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)
