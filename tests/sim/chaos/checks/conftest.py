from __future__ import annotations

import pytest

from tests.sim.chaos.checks.rig import Life


@pytest.fixture
def life() -> Life:
    return Life()
