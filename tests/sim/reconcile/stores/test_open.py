import pytest

from badge.errors import InputError
from sim.reconcile.stores.open import SCHEMES, open_store


def test_an_unknown_kind_of_store_lists_the_known_ones():
    with pytest.raises(InputError, match="postgresql://"):
        open_store("mongodb://root@localhost/db")


def test_a_path_is_a_file(tmp_path):
    (tmp_path / "e.ndjson").write_text('{"a":1}\n')
    with open_store(str(tmp_path / "e.ndjson")) as store:
        assert store.title == str(tmp_path / "e.ndjson")


def test_every_scheme_names_a_module_that_opens():
    from importlib import import_module

    for module in set(SCHEMES.values()):
        assert callable(import_module(module).opened)
