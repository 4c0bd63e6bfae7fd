"""A device's events, in every form in which they are logged."""

from __future__ import annotations

import json
import sqlite3

import pytest

from badge import BadgeConfig
from badge.errors import InputError
from badge.host.recording_file import RecordingWriter
from badge.recording.format import Header
from hil.dut.event_files import read_events
from sim.ingest.store.sqlite import SqliteStore

EVENT = {"device_id": "ACT-3F8A21B4", "sequence_number": 1}
HEADER = {"format": "badge-recording", "version": 1, "config": {}}


@pytest.mark.parametrize(
    "document",
    [EVENT, [EVENT], {"body": EVENT}, {"body": {"events": [EVENT]}}, {"ms": 5, "out": EVENT}],
)
def test_each_form_is_read(tmp_path, document):
    path = tmp_path / "dut.ndjson"
    path.write_text(json.dumps(HEADER) + "\n" + json.dumps(document) + "\n")
    assert read_events(path) == [EVENT]


def test_a_recordings_inputs_are_no_events(tmp_path):
    path = tmp_path / "dut.ndjson"
    path.write_text(json.dumps({"ms": 5, "in": {"type": "tick"}}) + "\n")
    assert read_events(path) == []


def test_a_compact_recording_is_read_too(tmp_path):
    path = tmp_path / "dut.cbor"
    whole = EVENT | {"event_type": "upload_heartbeat", "payload": {}}
    with RecordingWriter(path, Header(BadgeConfig(device_id="ACT-3F8A21B4"), "1.4.2")) as writer:
        writer.wrote(5, whole)
    assert read_events(path) == [whole]


def test_what_the_ingest_keeps_of_a_device_is_read_by_number(tmp_path):
    def event(number, device_id):
        return {
            "device_id": device_id,
            "firmware_version": "1.4.2",
            "event_type": "upload_heartbeat",
            "timestamp_utc": "2026-03-14T08:32:15Z",
            "sequence_number": number,
            "payload": {"kept": [1.5, None]},
        }

    store = SqliteStore(tmp_path / "ingest.db")
    ours = [event(number, "ACT-3F8A21B4") for number in (1, 2)]
    store.add_batch(ours[::-1], "2026-03-14T08:33:00Z")
    store.add_batch([event(9, "ACT-00000002")], "2026-03-14T08:33:00Z")
    store.close()
    address = f"sqlite:///{tmp_path}/ingest.db"
    assert read_events(address, "ACT-3F8A21B4") == ours
    assert len(read_events(address)) == 3


def test_another_database_or_none_is_said(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_events(f"sqlite:///{tmp_path}/none.db")
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE t (x)")
    other.close()
    with pytest.raises(InputError, match="not the database of badge serve"):
        read_events(f"sqlite:///{tmp_path}/other.db")


def test_a_line_that_is_none_is_told_by_its_number(tmp_path):
    path = tmp_path / "dut.ndjson"
    path.write_text(json.dumps(EVENT) + "\nnot json\n")
    with pytest.raises(InputError, match=r"dut\.ndjson: line 2"):
        read_events(path)
