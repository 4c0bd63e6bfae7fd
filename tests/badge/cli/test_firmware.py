"""`badge firmware`: sources and vectors into folders."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from badge.cli.firmware import firmware


@pytest.mark.slow  # makes all vectors twice
def test_vectors_and_export(tmp_path):
    done = CliRunner().invoke(firmware, ["vectors", str(tmp_path / "v")])
    assert done.exit_code == 0, done.output
    assert "rows of the law" in done.output
    assert (tmp_path / "v" / "vectors.json").exists()
    done = CliRunner().invoke(firmware, ["export", str(tmp_path / "out")])
    assert "next: make -C" in done.output
    assert (tmp_path / "out" / "src" / "badge_core.h").exists()
