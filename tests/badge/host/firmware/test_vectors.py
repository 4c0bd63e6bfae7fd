"""The vectors say what the badge does, and their days use every row of the law."""

from __future__ import annotations

from functools import cache
from zlib import crc32

import cbor2
import pytest
from pydantic_core import from_json

from badge.contract.validation import judge
from badge.host.firmware.vectors import as_c, vectors
from badge.machines.upload import backoff_ms

found = cache(vectors)


def test_every_row_that_can_be_used_is_used():
    rows = found()["rows"]
    assert rows["covered"] == rows["reachable"] > 80
    named = [row for stimulus in found()["stimuli"] for row in stimulus["rows"]]
    assert len(named) == len(set(named)) == rows["covered"]


def test_every_event_type_is_valid_by_the_contract():
    events = [from_json(one["json"]) for one in found()["events"]]
    assert len({event["event_type"] for event in events}) == 10
    assert judge(events).faults == ()
    for one, event in zip(found()["events"], events, strict=True):
        assert cbor2.loads(bytes.fromhex(one["payload"])) == event["payload"]


def test_crcs_and_pauses_are_what_they_say():
    for one in found()["crc32"]:
        assert crc32(bytes.fromhex(one["bytes"]), one["start"]) == one["crc"]
    for one in found()["backoff"]:
        assert one["pause_ms"] == backoff_ms(one["device_id"], one["failures"], 30, 1800)


@pytest.mark.parametrize("name", ["crc", "record", "event", "backoff"])
def test_they_are_arrays_in_c(name):
    assert f"{name}_vectors[] = {{" in as_c(found())
