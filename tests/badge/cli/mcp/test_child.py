"""The process of a call ends with whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_it_ends_when_its_standard_input_does(tmp_path):
    os.mkfifo(tmp_path / "endless")
    line = [sys.executable, "-P", "-m", "badge.cli.mcp.child", "", "validate", "endless"]
    started = subprocess.Popen(line, cwd=tmp_path, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    started.communicate(timeout=60)  # closes its input
    # By SIGTERM: as a command ends by it, or, before there is one, as any process does.
    assert started.returncode in (130, -signal.SIGTERM)
