"""`badge version`: what is installed, what is missing, and the line that brings it."""

from __future__ import annotations

import json

from badge.cli.program import version as module
from tests.command import call


def test_the_version_is_that_of_the_package():
    assert call("version").out == call("--version").out


def test_each_extra_is_told_with_what_it_is_for(monkeypatch):
    monkeypatch.setattr(
        module, "installed", lambda name: None if name in ("pyarrow", "numpy") else "1.0"
    )
    said = call("version", "--verbose").out
    assert "[parquet] runs and stores as Parquet\n    missing: pyarrow\n" in said
    assert "pip install 'badge-simulator[parquet]', or in a clone: pip install -e '.[parquet]'" in (
        said
    )
    assert "[hil]" in said
    told = json.loads(call("version", "--json").out)["extras"]
    assert told["simulate"]["numpy"] is None  # of [world], which [simulate] brings
    assert told["postgres"]["psycopg"] == "1.0"
