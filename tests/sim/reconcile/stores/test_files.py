import sqlite3
from contextlib import closing

import pytest

from badge.errors import InputError
from sim.reconcile.stores.files import FileTables, open_table, opened
from sim.reconcile.stores.names import RAW
from sim.reconcile.stores.ndjson import NdjsonTable
from sim.reconcile.stores.sqlite import SqliteTables


def test_the_first_bytes_say_what_a_file_is(tmp_path):
    database, lines = tmp_path / "a.txt", tmp_path / "b.db"
    with closing(sqlite3.connect(database)) as made:
        made.execute("CREATE TABLE t (a)")
    lines.write_text('{"a":1}\n')
    with opened(str(database)) as store:
        assert isinstance(store, SqliteTables)
    with opened(str(lines)) as store:
        assert isinstance(store, FileTables)
        assert (store.columns(RAW), store.is_ordered(RAW)) == (("a",), True)
        assert store.columns(str(tmp_path / "none")) is None
    assert isinstance(open_table(lines), NdjsonTable)


@pytest.mark.parametrize("name", ["none", "", "a\0b"])
def test_what_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(InputError, match="name a readable file"):
        open_table(tmp_path / name)


def test_a_device_of_the_machine_is_told_as_that():
    with pytest.raises(InputError, match="/dev/zero: a device, which holds no table"):
        opened("/dev/zero")
