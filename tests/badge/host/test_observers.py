"""Witnesses: counts, event lines, recordings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from badge.config import read_config
from badge.effects import Notice
from badge.entry import Entry
from badge.host.observers import EventLines, Recorder, Tally
from badge.host.recording_file import RecordingFile, RecordingWriter
from badge.inputs import Boot, UploadAnswer
from badge.recording.format import Happened, Header, Wrote

DEVICE = "ACT-3F8A21B4"
ENTRY = Entry(7, "upload_heartbeat", {}, "0.1.0", 0, 1_773_477_135_000)


def play(witness):
    witness.happened(0, Boot())
    witness.logged(5, ENTRY)
    witness.noticed(6, Notice("overflow", "full"))
    witness.happened(7, UploadAnswer(1, 202))
    witness.happened(8, UploadAnswer(2, None))


def test_the_tally_counts_events_answers_and_notices():
    tally = Tally()
    play(tally)
    assert dict(tally.events) == {"upload_heartbeat": 1}
    assert dict(tally.answers) == {202: 1, None: 1}
    assert dict(tally.notices) == {"overflow": 1}
    assert tally.numbers == [7]


def test_event_lines_are_the_wire_form_one_a_line(tmp_path):
    lines = EventLines(tmp_path / "e.ndjson", DEVICE)
    play(lines)
    lines.close()
    content = (tmp_path / "e.ndjson").read_bytes()
    assert content.endswith(b"}\n")
    assert [json.loads(line) for line in content.splitlines()] == [ENTRY.event(DEVICE)]


def test_a_recorder_writes_inputs_and_events_but_no_notices(tmp_path):
    header = Header(read_config({"device_id": DEVICE}), "0.1.0")
    with RecordingWriter(tmp_path / "r.ndjson", header) as writer:
        play(Recorder(writer, DEVICE))
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
