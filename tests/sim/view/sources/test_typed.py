import shutil

import numpy as np
import pytest

from sim.view.model.events import EventRows
from sim.view.model.plane import PicturePlane
from sim.view.sources.run_folder import open_run
from sim.view.sources.typed import read_typed

pytest.importorskip("pyarrow")


def test_parquet_and_lines_make_the_same_picture(run, tmp_path):
    typed = shutil.copytree(run, tmp_path / "typed")
    lines = shutil.copytree(run, tmp_path / "lines")
    (lines / "truth" / "events.parquet").unlink()
    one, two = open_run(typed), open_run(lines)
    assert one.picture.document == two.picture.document
    for table, columns in one.picture.tables.items():
        for name, column in columns.items():
            assert np.array_equal(column, two.picture.tables[table][name], equal_nan=True), name
    assert one.about(9) == two.about(9)


def test_parquet_of_other_rows_and_no_parquet_are_not_taken(run, tmp_path):
    rows = EventRows(PicturePlane())
    assert not read_typed(run / "truth" / "events.parquet", np.zeros(3), rows)
    (tmp_path / "x").write_text("no parquet")
    assert not read_typed(tmp_path / "x", np.zeros(3), rows)
    assert not read_typed(tmp_path / "y", np.zeros(3), rows)
    assert rows.count == 0
