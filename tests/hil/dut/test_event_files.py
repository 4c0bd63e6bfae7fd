"""A device's events, in every form in which they are logged."""

from __future__ import annotations

import json

import pytest

from badge.errors import InputError
from hil.dut.event_files import read_events

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


def test_a_line_that_is_none_is_told_by_its_number(tmp_path):
    path = tmp_path / "dut.ndjson"
    path.write_text(json.dumps(EVENT) + "\nnot json\n")
    with pytest.raises(InputError, match=r"dut\.ndjson: line 2"):
        read_events(path)
