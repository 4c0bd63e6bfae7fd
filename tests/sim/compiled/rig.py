"""The compiled models, for tests that hold them to the ones in Python; skipped where unbuilt."""

from __future__ import annotations

import pytest

from sim.compiled.library import WorldLibrary, world_library


def library() -> WorldLibrary:
    """Give the compiled models."""
    found = world_library()
    if found is None:
        pytest.skip("the models in C are not built here")
    return found
