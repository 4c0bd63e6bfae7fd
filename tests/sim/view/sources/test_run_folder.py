import json
import shutil

import numpy as np
import pytest

from badge.errors import InputError
from sim.view.sources.run_folder import is_run, open_run


@pytest.fixture
def copy(run, tmp_path):
    return shutil.copytree(run, tmp_path / "copy")


def test_every_event_of_the_truth_is_in_the_picture_with_its_cause(run):
    opened = open_run(run)
    rows = [json.loads(line) for line in (run / "truth" / "events.ndjson").read_text().splitlines()]
    picture = opened.picture
    assert picture.rows == len(rows)
    assert picture.document["notes"] == []
    assert (np.diff(picture.tables["events"]["t_ms"]) >= 0).all()
    about = opened.about(len(rows) // 2)
    assert about["truth"].keys() >= {"true_lat", "parcel_id", "delivered"}
    assert about["why"]["rows"]
    assert about["event"].keys() == {
        *("device_id", "firmware_version", "event_type", "timestamp_utc"),
        *("sequence_number", "payload"),
    }


def test_lag_is_the_time_from_logged_to_accepted_and_true_places_are_near_the_fixes(run):
    events = open_run(run).picture.tables["events"]
    lag_s = events["lag_s"][np.isfinite(events["lag_s"])]
    assert len(lag_s)
    assert (lag_s > 0).all()
    assert (lag_s < 3600).all()
    off_m = np.hypot(events["x_m"] - events["true_x_m"], events["y_m"] - events["true_y_m"])
    assert np.nanmedian(off_m) < 5


def test_a_run_without_recordings_has_fewer_lanes_and_says_so(copy):
    opened = open_run(copy)
    assert "no recordings beside the run" in opened.picture.document["notes"][0]
    assert "why" not in opened.about(4)
    words = opened.picture.document["words"]
    assert {"Ana", "Boris", "moving", "still"} <= set(words)
    with pytest.raises(InputError, match="no folder of recordings"):
        open_run(copy, copy / "nowhere")


def test_broken_lines_are_left_out_counted_and_named(copy):
    path = copy / "truth" / "events.ndjson"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:3], b"{broken\n", b"[1]\n", *lines[3:-1], lines[-1][:50]]))
    opened = open_run(copy)
    assert opened.picture.rows == len(lines) - 1
    notes = " ".join(opened.picture.document["notes"])
    assert "3 lines left out; the first:" in notes
    for row in range(opened.picture.rows):
        assert opened.about(row)["event"]["device_id"]


def test_events_alone_are_shown_and_what_is_missing_is_told(copy):
    shutil.rmtree(copy / "truth")
    opened = open_run(copy)
    notes = " ".join(opened.picture.document["notes"])
    assert "no truth/events.ndjson" in notes
    assert "no truth/site.json" in notes
    assert opened.picture.rows > 100


def test_an_empty_run_is_a_picture_of_nothing(tmp_path):
    (tmp_path / "events.ndjson").write_bytes(b"")
    assert is_run(tmp_path)
    assert open_run(tmp_path).picture.rows == 0


def test_any_other_folder_is_no_run(tmp_path):
    assert not is_run(tmp_path)
    with pytest.raises(InputError, match="no run"):
        open_run(tmp_path)
