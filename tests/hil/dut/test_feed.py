"""Where a device's events are read."""

from __future__ import annotations

import json
import os
import tty

import pytest

from badge.errors import InputError
from hil.dut.feed import open_feed, right_ones
from sim.net.client import Client

EVENT = {
    "device_id": "ACT-3F8A21B4",
    "firmware_version": "1.4.2",
    "event_type": "upload_heartbeat",
    "timestamp_utc": "2026-03-14T08:32:15Z",
    "sequence_number": 1,
    "payload": {},
}
LATER = EVENT | {"sequence_number": 2}
BROKEN = EVENT | {"sequence_number": 0}


def test_a_console_is_read_among_its_other_lines():
    far, near = os.openpty()
    tty.setraw(near)
    with open_feed(f"serial:{os.ttyname(near)}") as feed:
        for line in (b"I (1) boot", json.dumps(BROKEN).encode(), json.dumps([EVENT]).encode()):
            os.write(far, line + b"\n")
        while not feed.events:
            feed.read()
        assert (feed.events, feed.live, feed.line) == ([EVENT], True, None)
    os.close(far)
    os.close(near)


def test_uploads_are_read_as_they_come_and_the_line_can_be_cut():
    with open_feed("ingest") as feed, Client() as client:
        client.request("POST", feed.line.url, json.dumps([EVENT]).encode())
        feed.read()
        feed.read()
        assert feed.events == [EVENT]
        feed.line.cut = True
        client.request("POST", feed.line.url, json.dumps([LATER]).encode())
        feed.read()
        assert (feed.events, feed.line.lost) == ([EVENT], 1)


def test_a_file_is_read_at_once(tmp_path):
    path = tmp_path / "dut.ndjson"
    path.write_text("".join(json.dumps(one) + "\n" for one in (EVENT, BROKEN, LATER)))
    with open_feed(str(path)) as feed:
        assert (feed.events, feed.live) == ([EVENT, LATER], False)


def test_what_breaks_the_schema_is_not_measured():
    assert right_ones([BROKEN, EVENT, 7, None]) == [EVENT]


@pytest.mark.parametrize("spec", ["nowhere.ndjson", "serial:", "ingest:x", ""])
def test_a_place_that_is_none(spec):
    with pytest.raises(InputError, match="--on"), open_feed(spec):
        raise AssertionError
