"""A badge in C with its clock does what a badge in Python does under the pump of the simulation."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest

from badge.config import BadgeConfig
from badge.effects import Upload
from badge.errors import MisuseError
from badge.host.core.whole import UNKNOWN
from badge.inputs import Assign, Boot, Movement, UploadAnswer, UtcLearned
from tests.badge.host.twins import core_is_built, needs_core

if core_is_built():
    from badge.host.c_pump import DRAW, NO_UNIX, POWER_GPS, CPump

pytestmark = needs_core
CONFIG = BadgeConfig(device_id="ACT-00000001", known_equipment_tags=["AA:BB:CC:00:00:01"])
UTC_MS = 1_773_640_000_000


@dataclass
class Desk:
    """A world where nothing moves: fixes after 100 ms, one tag all the time, a cloud that waits."""

    polled: list = field(default_factory=list)
    asked: list = field(default_factory=list)
    effects: list = field(default_factory=list)
    bodies: list = field(default_factory=list)
    pump: object = None
    error: Exception | None = None

    def poll(self, now_ms):
        if self.error:
            raise self.error
        self.polled.append(now_ms)
        return 100, (45_810_000, 15_980_000, UNKNOWN, 1200, UNKNOWN, UNKNOWN, 0)

    def listen(self, start_ms, period_ms):
        import numpy as np

        self.asked.append(start_ms)
        tag = bytes.fromhex("AABBCC000001") + bytes([256 - 60])
        ends = np.arange(11, dtype=np.uint32)
        self.pump.hear(start_ms, 1 << 60, period_ms, tag * 10, ends, bytes(9) + b"\1")

    def upload(self, what: Upload):
        self.bodies.append(json.loads(what.body))
        self.pump.after(50, lambda: self.pump.give(UploadAnswer(what.request, 202)))

    def effect(self, kind, value):
        self.effects.append((kind, value))


def on_shift(desk):
    pump = desk.pump = CPump(CONFIG, "0.1.0", desk)
    pump.at(1000, lambda: pump.give(Boot("power_on")))
    pump.at(2000, lambda: pump.give(UtcLearned(UTC_MS)))
    pump.at(3000, lambda: pump.give(Assign("W-1")))
    pump.at(3000, lambda: pump.give(Movement(True)))
    return pump


def kinds(rows, text):
    return [json.loads(text[r["truth_at"] : r["end"]] + b"}")["event_type"] for r in rows]


def test_what_happens_between_two_calls_needs_no_caller():
    desk = Desk()
    pump = on_shift(desk)
    pump.run_until(63_000)
    assert desk.polled == [3000, 18_000, 33_000, 48_000, 63_000]
    assert desk.asked == [3000, 53_000]  # a block of ten cycles of five seconds, then the next
    assert (POWER_GPS, 1) in desk.effects
    assert (DRAW, 0) in desk.effects
    assert pump.is_active


def test_an_event_is_stamped_when_the_time_is_learned_and_delivered_when_the_cloud_says_so():
    desk = Desk()
    pump = on_shift(desk)
    pump.run_until(1500)
    pump.finish("queued")
    rows, text = pump.take_rows()
    assert (kinds(rows, text), rows["unix_ms"].tolist()) == (["reboot"], [NO_UNIX])
    pump = on_shift(desk)
    pump.run_until(90_000)
    rows, text = pump.take_rows()
    assert kinds(rows, text)[:3] == ["reboot", "shift_start", "motion"]
    assert rows["unix_ms"][0] == UTC_MS - 1000
    assert rows["ms"][0] == 1000
    assert all(rows["arrived"])
    assert [e["sequence_number"] for body in desk.bodies for e in body] == rows["number"].tolist()


def test_calls_of_one_moment_run_in_the_order_of_asking_and_none_before_its_time():
    desk, said = Desk(), []
    pump = on_shift(desk)
    for word in "abc":
        pump.at(500, lambda word=word: said.append(word))
    pump.run_until(500)
    assert (said, pump.now_ms, pump.next_ms) == (["a", "b", "c"], 500, 1000)
    with pytest.raises(MisuseError, match="is over"):
        pump.at(499, print)


def test_an_error_of_the_world_comes_out_of_the_pump():
    desk = Desk(error=OSError("the disk is gone"))
    pump = on_shift(desk)
    with pytest.raises(OSError, match="the disk is gone"):
        pump.run_until(10_000)


def test_a_badge_that_was_not_booted_refuses():
    pump = CPump(CONFIG, "0.1.0", Desk())
    with pytest.raises(MisuseError):
        pump.give(Movement(True))


def test_a_call_that_rests_only_asks_for_itself_until_it_is_woken_or_its_time_is_over():
    desk, seen = Desk(), []
    pump = CPump(CONFIG, "0.1.0", desk)

    def beat():
        seen.append(pump.now_ms)
        pump.after(100, beat)
        pump.rest(pump.now_ms + 1000, 100)

    pump.at(100, beat)
    pump.at(1650, pump.wake)
    pump.at(1710, lambda: (pump.rest_less(2200), pump.rest_less(9000)))
    pump.run_until(3000)
    assert seen == [100, 1100, 1700, 2200]


def test_a_finder_is_asked_before_the_world_and_may_hand_on():
    desk = Desk()
    pump = on_shift(desk)
    ffi = pump._ffi
    answers = [-2, -1, 500]

    def find(world, now_ms, fix):
        fix[0], fix[1], fix[3] = 45_000_000, 16_000_000, 900
        fix[2] = fix[4] = fix[5] = UNKNOWN
        return answers.pop(0) if answers else -1

    kept = ffi.callback("int64_t(void *, int64_t, int32_t *)", find)
    assert not pump.has_finder
    pump.find_with(int(ffi.cast("uintptr_t", kept)), 0)
    assert pump.has_finder
    before = len(desk.polled)
    pump.run_until(pump.now_ms + 60_000)
    assert len(desk.polled) == before + 1
    assert not answers


def lived(desk):
    """What a badge leaves, and its flash."""
    pump = on_shift(desk)
    pump.run_until(3_600_000)
    pump.finish("queued")
    rows, text = pump.take_rows()
    return rows.tobytes(), text, bytes(pump._host.flash()), pump


def test_a_badge_on_the_memory_of_another_is_as_if_it_were_new():
    from badge.host import c_pump

    c_pump._SPARE.clear()
    *first, pump = lived(Desk())
    shown = pump._host
    pump.close()
    *again, pump = lived(Desk())
    assert pump._host is not shown  # others may have written to its flash
    assert again == first
    pump.close()

    c_pump._SPARE.clear()
    desk = Desk()
    on_shift(desk).run_until(3_600_000)
    before = desk.pump._host
    desk.pump.close()
    assert not hasattr(desk.pump, "_host")
    *third, pump = lived(Desk())
    assert pump._host is before
    assert third == first
    pump.close()


def test_settings_that_are_wrong_are_said_and_the_memory_is_not_lost():
    desk = Desk()
    on_shift(desk).close()
    with pytest.raises(Exception, match="device_id"):
        CPump(CONFIG.model_copy(update={"device_id": "x"}), "0.1.0", Desk())
    on_shift(Desk()).run_until(10_000)


@dataclass
class Answered(Desk):
    """A desk whose cloud says one thing after the other, given by a call or by the pump."""

    by_pump: bool = False

    def upload(self, what: Upload):
        self.bodies.append((self.pump.now_ms, json.loads(what.body)))
        says = (
            UploadAnswer(what.request, 503, retry_after_s=7),
            UploadAnswer(what.request, None),
            UploadAnswer(what.request, 207, ((what.first_sequence, "malformed"),)),
            UploadAnswer(what.request, 422, code="schema_deprecated"),
            UploadAnswer(what.request + 1, 202),
            UploadAnswer(what.request, 202),
        )[min(len(self.bodies), 6) - 1]
        if self.by_pump:
            self.pump.give_after(50, says)
        else:
            self.pump.after(50, lambda: self.pump.give(says))


def test_an_answer_that_the_pump_gives_is_taken_as_one_that_is_called_for():
    left = []
    for by_pump in (False, True):
        desk = Answered(by_pump=by_pump)
        pump = on_shift(desk)
        pump.run_until(20_000_000)
        pump.finish("queued")
        rows, text = pump.take_rows()
        left.append((rows.tobytes(), text, desk.bodies, desk.polled))
    assert left[0] == left[1]
    assert len(left[0][2]) > 6


def test_a_call_that_rests_is_due_as_ever_and_says_when_it_was_last():
    desk, ran = Desk(), []
    pump = on_shift(desk)

    def beat():
        ran.append(pump.now_ms)
        pump.after(1000, beat)
        pump.rest(5500, 1000)

    pump.at(2000, beat)
    pump.run_until(4999)
    assert (ran, pump.rested_ms) == ([2000], 4000)
    pump.run_until(7000)
    assert (ran, pump.rested_ms) == ([2000, 6000, 7000], 5000)
    pump.wake()
