"""The tests are tested: every seeded bug dies in a check with a name, a healthy badge in none."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from badge.machines.upload import Uploads
from badge.storage.journal import FlashJournal
from tests.canaries import journal, upload
from tests.canaries.hunt import caught, hunt, patched
from tests.canaries.journal import JOURNAL_CANARIES
from tests.canaries.upload import UPLOAD_CANARIES

CANARIES = {canary.name: canary for canary in (*JOURNAL_CANARIES, *UPLOAD_CANARIES)}


def test_there_are_enough_and_each_has_its_name():
    assert len(CANARIES) == len(JOURNAL_CANARIES) + len(UPLOAD_CANARIES) >= 20


def unused(module):
    """Functions and classes at the top of a module that nothing in it mentions."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    made = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    named = {
        n.id
        for statement in tree.body
        for n in ast.walk(statement)
        if isinstance(n, ast.Name) and getattr(statement, "name", "") != n.id
    }
    return sorted(made - named)


@pytest.mark.parametrize("module", [journal, upload], ids=lambda module: module.__name__)
def test_no_seeded_bug_is_left_out_of_the_tables(module):
    """A bug that nobody hunts looks like one that is caught."""
    assert unused(module) == []


@pytest.mark.parametrize("kind", ["cuts", "nested", "writes", "rot", "upload"])
@pytest.mark.slow
def test_a_healthy_badge_survives_every_hunt(kind):
    assert hunt(kind) is None


@pytest.mark.parametrize("name", CANARIES)
@pytest.mark.slow
def test_the_bug_is_caught_by_its_check(name):
    canary = CANARIES[name]
    error = caught(canary)
    assert error is not None, "it got away"
    assert error.promise in canary.promises.split(), str(error)


def test_a_planted_bug_is_gone_afterwards():
    right = Uploads._send
    with patched(FlashJournal, (Uploads, "_send", None)):
        assert Uploads._send is None
    assert Uploads._send is right
