"""`python -m badge` is the `badge` command."""

from __future__ import annotations

import subprocess
import sys

from tests.command import call


def test_python_m_badge_is_the_badge_command():
    done = subprocess.run(
        [sys.executable, "-m", "badge", "--help"], capture_output=True, text=True, check=True
    )
    assert done.stdout == call("--help").out
    wrong = subprocess.run(
        [sys.executable, "-m", "badge", "nonsense"], capture_output=True, text=True, check=False
    )
    assert wrong.returncode == 2
    assert "No such command" in wrong.stderr
