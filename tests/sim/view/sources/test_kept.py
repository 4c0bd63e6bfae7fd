import json

import numpy as np
import pytest

from sim.view.model.events import EventRows
from sim.view.model.picture import Draft, picture_of
from sim.view.model.plane import PicturePlane
from sim.view.sources.kept import NAME, digest_of, keep_picture, read_kept


@pytest.fixture
def picture():
    rows = EventRows(PicturePlane())
    rows.add({"device_id": "A", "event_type": "gps", "payload": {}}, 0, 5.0)
    return picture_of(Draft("x", rows))


def test_a_picture_is_read_again_as_it_was(picture, tmp_path):
    keep_picture(tmp_path, "abc", picture)
    kept = read_kept(tmp_path, "abc")
    assert kept.document == json.loads(json.dumps(picture.document))
    for table, columns in picture.tables.items():
        for name, column in columns.items():
            assert np.array_equal(kept.tables[table][name], column, equal_nan=True)


def test_of_another_state_it_is_not(picture, tmp_path):
    keep_picture(tmp_path, "abc", picture)
    assert read_kept(tmp_path, "abd") is None
    path = tmp_path / "x"
    path.write_text("1")
    before = digest_of([path, tmp_path / "nowhere"])
    path.write_text("12")
    assert digest_of([path, tmp_path / "nowhere"]) != before


def test_a_damaged_one_is_worked_out_again_and_an_unwritable_folder_does_no_harm(picture, tmp_path):
    assert read_kept(tmp_path, "abc") is None
    keep_picture(tmp_path / "nowhere", "abc", picture)
    keep_picture(tmp_path, "abc", picture)
    content = (tmp_path / NAME).read_bytes()
    for broken in (b"", b"x", content[: len(content) // 2], content.replace(b"<f8", b"<i8")):
        (tmp_path / NAME).write_bytes(broken)
        assert read_kept(tmp_path, "abc") is None
