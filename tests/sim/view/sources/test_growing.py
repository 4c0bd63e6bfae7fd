import pytest

from badge.errors import InputError
from sim.view.model.picture import picture_of
from sim.view.sources.growing import GrowingRecording
from sim.view.sources.recordings import open_recordings


@pytest.fixture
def lines(run):
    return sorted((run.parent / "recordings").iterdir())[0].read_bytes().splitlines(keepends=True)


def read_all(growing):
    while growing.read():
        growing.settled()


def test_followed_to_its_end_it_says_what_the_whole_recording_says(lines, tmp_path):
    path = tmp_path / "r.ndjson"
    path.write_bytes(b"")
    growing = GrowingRecording(path)
    fates = {}
    for start in range(0, len(lines), 97):
        with path.open("ab") as file:
            file.write(b"".join(lines[start : start + 97])[:-9])
        growing.read()
        with path.open("ab") as file:
            file.write(b"".join(lines[start : start + 97])[-9:])
        while growing.read():
            fates |= {at: fate.word for at, fate in growing.settled()}
    whole = open_recordings([path])
    picture = picture_of(growing.draft())
    assert picture.document["utc"]
    assert picture.document["notes"] == []
    told, wanted = picture.tables, whole.picture.tables
    assert told["events"]["number"].tolist() == wanted["events"]["number"].tolist()
    assert told["events"]["t_ms"].tolist() == wanted["events"]["t_ms"].tolist()
    assert told["samples"]["value"].tolist() == wanted["samples"]["value"].tolist()
    assert len(told["spans"]["t0_ms"]) == len(wanted["spans"]["t0_ms"])
    assert "delivered" in fates.values()
    row = int(told["events"]["at"][30])
    assert growing.details(row)["why_words"] == whole.about(30)["why_words"]


def test_until_utc_is_known_times_count_from_the_start_and_then_all_is_told_anew(lines, tmp_path):
    path = tmp_path / "r.ndjson"
    learnt = next(i for i, line in enumerate(lines) if b'"utc"' in line)
    path.write_bytes(b"".join(lines[:learnt]))
    growing = GrowingRecording(path)
    read_all(growing)
    assert not growing.draft().has_utc
    path.write_bytes(b"".join(lines[: learnt + 200]))
    read_all(growing)
    assert growing.generation == 1
    assert growing.draft().has_utc
    assert growing.rows.columns()["t_ms"].min() > 1e12


def test_a_broken_line_ends_it_with_a_word(lines, tmp_path):
    path = tmp_path / "r.ndjson"
    path.write_bytes(b"".join([*lines[:40], b"{broken\n", *lines[40:60]]))
    growing = GrowingRecording(path)
    read_all(growing)
    assert "at byte" in " ".join(growing.draft().notes)
    assert growing.read() == 0


def test_what_never_was_a_recording_is_told(tmp_path):
    path = tmp_path / "r.ndjson"
    path.write_text('{"format":"badge-recording","version":9}\n')
    growing = GrowingRecording(path)
    read_all(growing)
    assert "version 9" in " ".join(growing.draft().notes)
    path.unlink()
    with pytest.raises((InputError, OSError)):
        GrowingRecording(path).read()
