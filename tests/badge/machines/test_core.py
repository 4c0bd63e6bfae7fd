"""What the machines share: clocks, numbers, the log (contract sections 1 and 3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.badge import Badge
from badge.config import read_config
from badge.effects import Logged, Notice, Program
from badge.entry import UNIX_MS_END
from badge.inputs import Boot, UtcLearned
from badge.machines.core import Core, Due
from badge.storage.memory import MemoryStore
from tests.badge.rig import START_UNIX_MS, Rig

CONFIG = read_config({"device_id": "ACT-3F8A21B4", "queue_events_max": 3})


class Durable(MemoryStore):
    """Answers every append with a flash effect, as a journal does."""

    def append(self, entry, state):
        super().append(entry, state)
        return (Program(entry.sequence_number, b""),)


def test_numbers_start_at_1_and_are_durable_before_the_event_is_seen():
    core = Core(CONFIG, Durable())
    core.learn_utc(START_UNIX_MS)
    for _ in range(3):
        core.log("upload_heartbeat", {})
    seen = [
        (type(e), e.address if isinstance(e, Program) else e.entry.sequence_number)
        for e in core.effects
    ]
    assert seen == [(kind, number) for number in (1, 2, 3) for kind in (Program, Logged)]


def test_an_event_is_seen_only_when_its_time_is_known():
    core = Core(CONFIG, MemoryStore())
    core.now_ms = 1500
    core.log("upload_heartbeat", {})
    assert core.effects == []
    core.now_ms = 9000
    core.learn_utc(START_UNIX_MS + 9000)
    (seen,) = core.effects
    assert isinstance(seen, Logged)
    assert seen.entry.event("ACT-3F8A21B4")["timestamp_utc"] == "2026-03-14T08:32:16Z"


def test_a_full_queue_names_what_it_drops():
    store = MemoryStore()
    store.queue.queue_max = 2
    core = Core(CONFIG, store)
    for _ in range(4):
        core.log("upload_heartbeat", {})
    dropped = [e.sequence_numbers for e in core.effects if isinstance(e, Notice)]
    assert (dropped, store.queue.overflow_count) == ([(1,), (2,)], 2)


def test_state_changes_go_into_the_same_step_as_their_event():
    store = MemoryStore()
    core = Core(CONFIG, store)
    core.log("shift_start", {"worker_id": "W-007"}, worker_id="W-007")
    assert store.state.worker_id == "W-007"
    core.change(worker_id=None)
    assert store.state.worker_id is None


@pytest.mark.parametrize(
    ("save_s", "ran_s", "saved_s"), [(60, 119, 60), (60, 120, 120), (7, 20, 14)]
)
def test_uptime_is_saved_every_minute_and_told_at_the_next_boot(save_s, ran_s, saved_s):
    rig = Rig(uptime_save_s=save_s, boot_upload_delay_s=10_000)
    rig.until(ran_s)
    again = Rig(rig.badge.store)
    assert again.events("reboot")[0][2]["previous_uptime_s"] == saved_s


def test_uptime_is_saved_with_every_event():
    rig = Rig()
    rig.assign(42)
    assert Rig(rig.badge.store).events("reboot")[0][2]["previous_uptime_s"] == 42


def test_uptime_is_of_the_last_boot_only():
    rig = Rig()
    rig.assign(42)
    second = Rig(rig.badge.store)
    second.assign(7)
    third = Rig(second.badge.store)
    assert third.events("reboot")[0][2] == {
        "reason": "power_on",
        "previous_uptime_s": 7,
        "events_in_queue": 5,
    }


def test_the_clock_of_the_pump_may_start_anywhere():
    badge = Badge(CONFIG)
    badge.receive(Boot(), 10**15)
    logged = badge.receive(UtcLearned(START_UNIX_MS), 10**15 + 5000)
    event = logged[0].entry.event("ACT-3F8A21B4")
    assert event["payload"]["previous_uptime_s"] == 0
    assert event["timestamp_utc"] == "2026-03-14T08:32:10Z"
    assert badge.next_deadline_ms == 10**15 + 60_000


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_durations_know_nothing_of_utc(first, second):
    core = Core(CONFIG, MemoryStore())
    core.learn_utc(first)
    before = core.age_ms
    core.learn_utc(second)
    assert core.age_ms == before
    assert core.unix_offset_ms == second


def test_every_deadline_has_a_place_of_its_own():
    places = [value for name, value in vars(Due).items() if name.isupper() and name != "COUNT"]
    assert sorted(places) == list(range(Due.COUNT))


def test_utc_of_a_moment_is_none_until_it_is_known():
    core = Core(CONFIG, MemoryStore())
    assert core.utc_at(0) is None
    core.learn_utc(START_UNIX_MS)
    assert core.utc_at(1000) == "2026-03-14T08:32:16Z"


@pytest.mark.parametrize(
    ("unix_ms", "stamped"),
    [
        (-1, None),
        (0, "1970-01-01T00:00:00Z"),
        (UNIX_MS_END - 1, "9998-12-31T23:59:59Z"),
        (UNIX_MS_END, None),
    ],
)
def test_a_time_that_no_event_may_carry_stamps_none(unix_ms, stamped):
    badge = Badge(CONFIG)
    badge.receive(Boot(), 0)
    logged = badge.receive(UtcLearned(unix_ms), 0)
    assert [one.entry.event("ACT-3F8A21B4")["timestamp_utc"] for one in logged] == (
        [stamped] if stamped else []
    )
