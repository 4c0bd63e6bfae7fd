import shutil

import numpy as np
import pytest

from sim.view.model.events import EventRows
from sim.view.model.plane import PicturePlane
from sim.view.sources import lines, run_folder, typed
from sim.view.sources.lines import table_of
from sim.view.sources.run_folder import open_run
from sim.view.sources.typed import read_typed, read_typed_lines

pytest.importorskip("pyarrow", reason="needs the extra [test]")


def test_parquet_and_lines_make_the_same_picture(run, tmp_path):
    typed = shutil.copytree(run, tmp_path / "typed")
    alone = shutil.copytree(run, tmp_path / "lines")
    (alone / "truth" / "events.parquet").unlink()
    one, two = open_run(typed), open_run(alone)
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


@pytest.mark.parametrize(("truth", "in_c"), [(True, True), (True, False), (False, True)])
def test_many_lines_at_once_make_the_same_picture_as_one_by_one(
    run, tmp_path, truth, in_c, monkeypatch
):
    if not in_c:
        monkeypatch.setattr(lines, "world_library", lambda: None)
    folder = shutil.copytree(run, tmp_path / "run")
    (folder / "truth" / "events.parquet").unlink()
    if not truth:
        shutil.rmtree(folder / "truth")
    one = open_run(folder)
    (folder / "picture.npz").unlink()
    monkeypatch.setattr(run_folder, "MANY_BYTES", 0)
    monkeypatch.setattr(run_folder, "parse", None)  # none is read by itself
    two = open_run(folder)
    assert one.picture.document == two.picture.document
    for table, columns in one.picture.tables.items():
        for name, column in columns.items():
            assert np.array_equal(column, two.picture.tables[table][name], equal_nan=True), name


@pytest.mark.parametrize(
    "line",
    [
        "{broken",
        "",
        "[]",
        '{"ms":1,"in":{"type":"boot"}}',
        '{"device_id":"A","event_type":"gps","payload":null}',
        '{"device_id":"A","event_type":"gps","payload":"{}\\n{}"}',
        '{"device_id":"A","event_type":"gps","payload":"{\\"lat\\":\\"x\\"}"}',
        '{"device_id":"A","event_type":"gps","payload":"{}","sequence_number":1e40}',
        '{"device_id":"A","event_type":"gps","payload":"{}","timestamp_utc":"yesterday"}',
    ],
)
def test_what_is_not_as_it_should_be_is_left_to_reading_one_by_one(
    run, tmp_path, line, monkeypatch
):
    monkeypatch.setattr(typed, "_table", table_of)  # the same, without a process for each
    good = (run / "truth" / "events.ndjson").read_text().splitlines()
    path = tmp_path / "x"
    path.write_text("\n".join([*good[:5], line, *good[5:9]]) + "\n")
    rows = EventRows(PicturePlane())
    assert not read_typed_lines(path, np.arange(10), rows)
    assert rows.count == 0


def test_a_file_that_ends_the_reader_of_lines_does_not_end_us(tmp_path):
    (tmp_path / "x").write_text("null\n")
    assert not read_typed_lines(tmp_path / "x", np.arange(1), EventRows(PicturePlane()))
