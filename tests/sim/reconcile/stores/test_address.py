"""A store in a file is named by an address or by a path."""

from __future__ import annotations

import pytest

from badge.errors import InputError
from sim.reconcile.stores.address import store_file


def test_an_address_and_a_path_lead_to_the_same_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "a b.db"
    file.touch()
    for address in (f"sqlite:///{file}", "sqlite:///a%20b.db", "a b.db", str(file)):
        assert store_file(address, "sqlite").resolve() == file


@pytest.mark.parametrize("address", ["duckdb://host/x.db", "duckdb://", "duckdb:///", "none.db"])
def test_what_is_none_is_told_with_how_to_write_it(tmp_path, monkeypatch, address):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"write duckdb:///FILE, or duckdb:////ABSOLUTE/FILE"):
        store_file(address, "duckdb")
