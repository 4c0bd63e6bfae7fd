"""A build knows its sources: one that is stale after a pull is told, not run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from badge.errors import InputError
from badge.host.core import store
from badge.host.core.sources import core_digest, core_sources
from tests.badge.host.twins import needs_core
from tests.paths import ROOT

CORE = ROOT / "badge" / "c"


def test_a_change_of_any_source_changes_the_digest_and_a_line_end_does_not(tmp_path):
    folder = Path(shutil.copytree(CORE, tmp_path / "c"))
    digest = core_digest(folder)
    assert digest == core_digest(CORE)
    for path in core_sources(folder)[::9]:
        right = path.read_bytes()
        path.write_bytes(right.replace(b"\n", b"\r\n"))
        assert core_digest(folder) == digest
        path.write_bytes(right + b"\n")
        assert core_digest(folder) != digest
        path.write_bytes(right)
    (folder / "export" / "new.c").write_text("int x;")
    assert core_digest(folder) == digest


@needs_core
def test_a_build_of_other_sources_is_told_with_the_remedy(monkeypatch):
    monkeypatch.delenv("BADGE_C_CORE", raising=False)
    store._library.cache_clear()
    monkeypatch.setattr(store, "core_digest", lambda folder: "0" * 16)
    with pytest.raises(InputError, match=r"other sources .*build_ext --inplace --force"):
        store.core_library()
    assert not store.core_is_built()
    monkeypatch.undo()
    store.core_library()
