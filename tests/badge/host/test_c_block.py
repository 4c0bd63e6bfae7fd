"""Inputs by the block have the outcome of inputs one by one."""

from __future__ import annotations

import pytest
from pydantic_core import to_json

from badge.badge import Badge
from badge.effects import Logged, Upload
from badge.errors import MisuseError
from badge.host import c_block
from badge.host.c_block import CBlockBadge, InputColumns, columns
from badge.inputs import (
    Assign,
    Battery,
    Boot,
    Cellular,
    ConfigPush,
    FirmwareOffer,
    Tick,
    UploadAnswer,
    UtcLearned,
)
from benchmarks.badge import CONFIG, run_badge
from benchmarks.shift_load import shift
from tests.badge.host.twins import needs_core

pytestmark = needs_core


def test_the_batches_of_a_shift_are_those_of_the_badge_in_python():
    load = shift(hours=3)
    inputs, events, bodies = run_badge(load)
    taken = CBlockBadge(CONFIG).take(columns(load))
    assert (taken.inputs, taken.pieces) == (inputs, bodies)
    assert taken.events == events > 700


def test_the_lines_of_a_shift_are_the_events_as_they_are_logged():
    load = shift(hours=1)
    badge = Badge(CONFIG)
    lines = b"".join(
        to_json(effect.entry.event(CONFIG.device_id)) + b"\n"
        for ms, what in load
        for effect in badge.receive(what, ms)
        if isinstance(effect, Logged)
    )
    taken = CBlockBadge(CONFIG, lines=True, answer_status=0).take(columns(load))
    assert b"".join(taken.pieces) == lines


def test_every_input_has_its_columns():
    load = [
        (0, Boot("watchdog")),
        (0, UtcLearned(1_772_000_000_123)),
        (1, Assign("W-007", "foreman")),
        (2, ConfigPush({"upload_interval_s": 60})),
        (3, Cellular(False)),
        (4, Battery(9, 3500)),
        (60_000, Tick()),
        (60_001, UploadAnswer(0, 503, retry_after_s=5)),
        (61_000, FirmwareOffer("9.9.9")),
        (200_000, Tick()),
    ]
    badge = Badge(CONFIG)
    bodies, request = [], 0
    for ms, what in load:
        if isinstance(what, UploadAnswer):
            what = UploadAnswer(request, what.status, retry_after_s=what.retry_after_s)
        for effect in badge.receive(what, ms):
            if isinstance(effect, Upload):
                request = effect.request
                bodies.append(effect.body)
    in_c = CBlockBadge(CONFIG, answer_status=0)
    assert in_c.take(columns(load)).pieces == bodies
    assert len(bodies) > 1
    assert in_c.store.queue.entries == badge.store.queue.entries
    assert in_c.store.state == badge.store.state


def test_a_block_goes_on_where_its_bytes_were_full(monkeypatch):
    load = shift(hours=8)
    whole = CBlockBadge(CONFIG, lines=True).take(columns(load))
    monkeypatch.setattr(c_block, "JSON_BYTES", 300_000)
    parts = CBlockBadge(CONFIG, lines=True).take(columns(load))
    assert len(parts.pieces) > 1
    assert b"".join(parts.pieces) == b"".join(whole.pieces)
    assert parts.events == whole.events


def test_a_misuse_names_the_input():
    badge = CBlockBadge(CONFIG)
    with pytest.raises(MisuseError, match="input 1: time went back"):
        badge.take(columns([(5, Boot()), (4, Tick())]))


def test_no_inputs_are_no_work():
    assert CBlockBadge(CONFIG).take(InputColumns()).inputs == 0
