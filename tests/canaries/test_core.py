"""Every seeded bug of the badge in C is caught, and by the check that is meant for it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.canaries.core import BUGS, CoreBug
from tests.canaries.core_build import build, hunted

QUICK = 1
pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("core")
    build(folder)
    return folder


@pytest.mark.parametrize("bug", BUGS[:QUICK], ids=lambda bug: bug.name)
def test_a_bug_is_caught(bug: CoreBug, folder: Path):
    assert hunted(build(folder, bug)) == bug.check


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS[QUICK:], ids=lambda bug: bug.name)
def test_every_bug_is_caught(bug: CoreBug, folder: Path):
    assert hunted(build(folder, bug)) == bug.check


@pytest.mark.slow
def test_the_core_as_it_is_survives(folder: Path):
    assert hunted(build(folder)) == "none"
    assert len(BUGS) >= 20
