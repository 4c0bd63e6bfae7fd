import json

import pytest

from badge.errors import InputError
from badge.host.recording_file import is_recording
from sim.view.sources.recordings import open_recordings, read_recording


@pytest.fixture
def path(run):
    return sorted((run.parent / "recordings").iterdir())[0]


def without(path, place, new):
    """A recording whose nth logged event of that kind is left out."""
    lines = path.read_text().splitlines()
    outs = [i for i, line in enumerate(lines) if '"out"' in line]
    dropped = json.loads(lines[outs[place]])["out"]
    lines.pop(outs[place])
    new.write_text("\n".join(lines) + "\n")
    return dropped


def test_a_recording_that_replays_as_it_was_has_one_side_and_no_difference(path):
    opened = open_recordings([path])
    assert opened.picture.document["facts"]["differences"] == 0
    assert len(opened.picture.document["devices"]) == 1
    assert opened.about(3)["why_words"]


def test_a_recording_that_does_not_is_shown_beside_what_is_logged_now(path, tmp_path):
    dropped = without(path, 5, tmp_path / "cut.ndjson")
    opened = open_recordings([tmp_path / "cut.ndjson"])
    document = opened.picture.document
    assert [one["id"].endswith(" now") for one in document["devices"]] == [False, True]
    assert "extra" in document["texts"][0]
    mark = opened.picture.tables["marks"]
    about = opened.about(int(mark["event"][0]))
    assert about["event"]["sequence_number"] == dropped["sequence_number"]
    assert about["difference"] == document["texts"][0]


def test_two_recordings_lie_side_by_side_and_the_first_difference_is_marked(path, tmp_path):
    other = tmp_path / "other.ndjson"
    without(path, 5, other)
    document = open_recordings([path, other]).picture.document
    assert len(document["devices"]) == 2
    assert document["texts"][0].startswith("missing: event")
    (both,) = document["sides"]["marks"]
    assert both["left"]["says"]
    assert both["right"] is None
    assert list(document["sides"]["names"]) == [one["id"] for one in document["devices"]]


def test_an_event_that_changed_is_marked_on_both_sides_with_its_fields(path, tmp_path):
    lines = path.read_text().splitlines()
    place = next(i for i, one in enumerate(lines) if '"event_type":"motion"' in one)
    lines[place] = lines[place].replace('"duration_s":', '"duration_s":1')
    (tmp_path / "o.ndjson").write_text("\n".join(lines) + "\n")
    opened = open_recordings([path, tmp_path / "o.ndjson"])
    picture = opened.picture
    (both,) = picture.document["sides"]["marks"]
    ((name, old, new),) = both["fields"]
    assert (name, new) == ("payload.duration_s", f"1{old}")
    marks, devices = picture.tables["marks"], picture.tables["events"]["device"]
    rows = int(marks["event"][0]), int(marks["other"][0])
    assert [int(devices[row]) for row in rows] == [0, 1]
    assert all(opened.about(row)["sides"] == both for row in rows)


def test_a_broken_line_ends_a_recording_and_there_is_a_word_about_it(path, tmp_path):
    lines = path.read_text().splitlines()
    (tmp_path / "b.ndjson").write_text("\n".join([*lines[:40], "{broken", *lines[40:]]))
    found = read_recording(tmp_path / "b.ndjson")
    assert "line 41" in found.broken
    assert len(found.lines) == 39
    assert "line 41" in open_recordings([tmp_path / "b.ndjson"]).picture.document["notes"][0]


def test_a_recording_without_a_boot_shows_what_it_says(path, tmp_path):
    lines = path.read_text().splitlines()
    (tmp_path / "b.ndjson").write_text("\n".join([lines[0], *lines[2:]]))
    picture = open_recordings([tmp_path / "b.ndjson"]).picture
    assert picture.rows > 10
    assert "the first input of a badge is a Boot" in " ".join(picture.document["notes"])


def test_an_empty_file_is_no_recording(tmp_path):
    (tmp_path / "x").write_bytes(b"")
    assert not is_recording(tmp_path / "x")
    with pytest.raises(InputError, match="not a badge recording"):
        open_recordings([tmp_path / "x"])
