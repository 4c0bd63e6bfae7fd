"""Observers: counts, event lines, recordings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.config import read_config
from badge.effects import Notice
from badge.entry import Entry
from badge.host.observers import Counts, EventLines, Recorder
from badge.host.recording_file import RecordingFile, RecordingWriter
from badge.inputs import Boot, UploadAnswer
from badge.recording.format import Happened, Header, Wrote

DEVICE = "ACT-3F8A21B4"
ENTRY = Entry(7, "upload_heartbeat", {}, "0.1.0", 0, 1_773_477_135_000)
HEADER = Header(read_config({"device_id": DEVICE}), "0.1.0")


def play(observer):
    observer.happened(0, Boot())
    observer.logged(5, ENTRY)
    observer.noticed(6, Notice("overflow", "full"))
    observer.happened(7, UploadAnswer(1, 202))
    observer.happened(8, UploadAnswer(2, None))


def test_events_answers_and_notices_are_counted():
    counts = Counts()
    play(counts)
    assert dict(counts.events) == {"upload_heartbeat": 1}
    assert dict(counts.answers) == {202: 1, None: 1}
    assert dict(counts.notices) == {"overflow": 1}
    assert counts.numbers == [7]
    assert (counts.last_answer, counts.last_answer_ms) == (None, 8)


def test_each_notice_is_said_where_someone_listens():
    said = []
    play(Counts(said.append))
    assert said == ["full"]


@given(st.lists(st.integers(1, 9)))
def test_the_numbers_are_all_that_were_logged_in_their_order(numbers):
    counts = Counts()
    for number in numbers:
        counts.logged(0, Entry(number, "motion", {}, "0.1.0", 0, 0))
    assert counts.numbers == numbers


def test_event_lines_are_the_wire_form_one_a_line(tmp_path):
    lines = EventLines(tmp_path / "e.ndjson", DEVICE)
    play(lines)
    lines.close()
    content = (tmp_path / "e.ndjson").read_bytes()
    assert content.endswith(b"}\n")
    assert [json.loads(line) for line in content.splitlines()] == [ENTRY.event(DEVICE)]


def test_a_recorder_writes_inputs_and_events_but_no_notices(tmp_path):
    recorder = Recorder(RecordingWriter(tmp_path / "r.ndjson", HEADER), DEVICE)
    play(recorder)
    recorder.close()
    recorder.close()
    with RecordingFile(tmp_path / "r.ndjson") as file:
        assert list(file) == [
            Happened(0, Boot()),
            Wrote(5, ENTRY.event(DEVICE)),
            Happened(7, UploadAnswer(1, 202)),
            Happened(8, UploadAnswer(2, None)),
        ]


def test_a_full_disk_names_the_file():
    lines = EventLines(Path("/dev/full"), DEVICE)
    play(lines)
    with pytest.raises(OSError, match="No space") as caught:
        lines.close()
    assert caught.value.filename == "/dev/full"


def play_until_full(recorder):
    """Nothing is too small to fill a buffer some day."""
    for _ in range(10_000):
        play(recorder)


def test_a_full_disk_ends_a_recording_with_an_error_where_nobody_is_told():
    recorder = Recorder(RecordingWriter("/dev/full", HEADER), DEVICE)
    with pytest.raises(OSError, match="No space"):
        play_until_full(recorder)
    with pytest.raises(OSError, match="No space"):
        recorder.close()


def test_a_full_disk_ends_the_recording_with_a_word_and_not_the_badge():
    said = []
    recorder = Recorder(RecordingWriter("/dev/full", HEADER), DEVICE, said.append)
    play_until_full(recorder)
    recorder.close()
    (word,) = said
    assert word.startswith("/dev/full: the recording ends here (No space left")
    assert word.endswith("the badge goes on without it")


def test_a_disk_that_is_full_at_the_end_is_told_too():
    said = []
    recorder = Recorder(RecordingWriter("/dev/full", HEADER), DEVICE, said.append)
    play(recorder)
    assert said == []
    recorder.close()
    assert len(said) == 1
