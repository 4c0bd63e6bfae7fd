import pytest

from badge.errors import InputError
from sim.reconcile.stores.ndjson import NdjsonTable


def table(tmp_path, text):
    path = tmp_path / "t.ndjson"
    path.write_text(text)
    return NdjsonTable(path)


def test_rows_are_lines_or_arrays_of_them(tmp_path):
    one = table(tmp_path, '{"a":1,"b":2}\n[{"a":3,"b":4},{"a":5,"b":6}]\n')
    assert list(one.rows(["b", "a"])) == [(2, 1), (4, 3), (6, 5)]
    assert list(one.rows(["a"])) == [(1,), (3,), (5,)]


def test_the_columns_are_those_of_any_row(tmp_path):
    """What the first row lacks would else be taken for held nowhere."""
    one = table(tmp_path, '{"a":1}\n{"a":2,"b":3}\n{"c":4}\n')
    assert one.columns() == ("a", "b", "c")
    assert [tuple(row) for row in one.rows(["a", "b"])] == [(1, None), (2, 3), (None, None)]


def test_an_empty_file_has_no_columns_and_no_rows(tmp_path):
    one = table(tmp_path, "")
    assert (one.columns(), one.size(), list(one.rows([]))) == ((), 0, [])


@pytest.mark.parametrize("text", ["1\n", '{"a":1}\n{"a":\n', "[1]\n", '{"a":1}\n[[{}]]\n'])
def test_what_is_no_row_is_named_by_its_line(tmp_path, text):
    with pytest.raises(InputError, match=r"t\.ndjson"):
        list(table(tmp_path, text).objects())
