"""Contract section 3, States and Shift, and what the display shows of them."""

from __future__ import annotations

import pytest

from badge.effects import PollGps, PowerGps, PowerScanner, StartScan
from badge.inputs import Assign, Boot, ConfigPush, Movement, Unassign, UtcLearned
from tests.badge.rig import OTHER, TAG, Rig


def ends(rig):
    return [(s, p["end_reason"]) for s, _, p in rig.events("shift_end")]


def test_boot_logs_reboot_first_and_leaves_gps_and_ble_off():
    rig = Rig()
    rig.until(3000)
    assert rig.events()[0] == (
        0,
        "reboot",
        {"reason": "power_on", "previous_uptime_s": 0, "events_in_queue": 0},
    )
    for kind in (PowerGps, PowerScanner, PollGps, StartScan):
        assert rig.moments(kind) == []


def test_a_shift_starts_and_ends_by_button():
    rig = Rig()
    rig.give(Assign("W-007", assigned_by="foreman"), 10)
    rig.give(Unassign(), 20)
    assert rig.events("shift_start", "shift_end") == [
        (10, "shift_start", {"worker_id": "W-007", "assigned_by": "foreman"}),
        (20, "shift_end", {"worker_id": "W-007", "end_reason": "manual"}),
    ]
    assert rig.moments(PowerGps) == rig.moments(PowerScanner) == [10, 20]
    rig.until(100)
    assert rig.moments(PollGps) == [10]


def test_nobody_is_called_what_no_store_can_keep():
    rig = Rig()
    rig.give(Assign("W\0007"), 10)
    assert rig.badge.state == "unassigned"
    rig.give(Assign("W-007", assigned_by="fore\0man"), 20)
    assert rig.events("shift_start") == [(20, "shift_start", {"worker_id": "W-007"})]


def test_assigning_while_active_is_ignored():
    rig = Rig()
    rig.assign(10)
    rig.give(Assign("W-008"), 11)
    assert len(rig.events("shift_start")) == 1
    assert rig.badge.store.state.worker_id == "W-007"


@pytest.mark.parametrize(
    ("worker_ids", "picked", "starts"),
    [
        ([], "anyone", True),
        ([], "", False),
        (["W-007"], "W-007", True),
        (["W-007"], "W-008", False),
    ],
)
def test_only_a_worker_of_the_list_can_be_picked_unless_it_is_empty(worker_ids, picked, starts):
    rig = Rig(worker_ids=worker_ids)
    rig.give(Assign(picked), 1)
    assert (rig.badge.state == "active") is starts


@pytest.mark.parametrize(
    ("moved_s", "ends_s"),
    [
        (None, 14_401),  # stationary since boot: the shift must be open for 14400 s
        (5_000, 14_401),
        (12_000, 15_631),  # 12001 ceased + 30 settled + 3600
    ],
)
def test_the_automatic_end_needs_both_stillness_and_an_old_shift(moved_s, ends_s):
    rig = Rig()
    rig.assign(1)
    if moved_s:
        rig.give(Movement(True), moved_s)
        rig.give(Movement(False), moved_s + 1)
    rig.until(20_000)
    assert ends(rig) == [(ends_s, "auto_stationary")]


def test_movement_takes_the_automatic_end_back():
    rig = Rig()
    rig.assign(1)
    rig.give(Movement(True), 14_400)
    rig.until(30_000)
    assert ends(rig) == []


def test_a_push_changes_the_automatic_end_of_the_open_shift():
    rig = Rig()
    rig.assign(1)
    rig.give(ConfigPush({"auto_end_min_shift_s": 100, "auto_end_stationary_s": 60}), 50)
    rig.until(200)
    assert ends(rig) == [(101, "auto_stationary")]


def test_a_push_that_shortens_the_automatic_end_ends_the_shift_now_and_not_in_the_past():
    rig = Rig()
    rig.assign(1)
    push = ConfigPush({"auto_end_min_shift_s": 60, "auto_end_stationary_s": 60})
    rig.give(push, 500)
    rig.until(501)
    assert ends(rig) == [(500, "auto_stationary")]


def test_a_reboot_in_a_shift_says_reboot_then_shift_end_and_stays_unassigned():
    rig = Rig()
    rig.assign(10)
    rig.give(Boot("watchdog"), 50)
    rig.give(UtcLearned(1_773_477_200_000))
    assert rig.types()[-2:] == ["reboot", "shift_end"]
    assert rig.events("shift_end")[0][2] == {"worker_id": "W-007", "end_reason": "reboot"}
    assert rig.badge.state == "unassigned"
    rig.give(Boot(), 60)
    rig.give(UtcLearned(1_773_477_200_000))
    assert len(ends(rig)) == 1


def test_the_end_of_a_shift_tries_one_upload():
    rig = Rig()
    rig.assign(1)
    rig.give(Unassign(), 2)
    assert rig.uploads() == [[1, 2, 3]]
    assert rig.badge.state == "shift end"
    rig.answer(None, 5)
    assert rig.badge.state == "unassigned"


def test_the_final_attempt_cuts_a_backoff_short_unless_the_cloud_said_when():
    for retry_after_s, batches in ((0, 2), (1, 1), (500, 1)):
        rig = Rig()
        rig.until(60)
        rig.answer(503, 61, retry_after_s=retry_after_s)
        rig.assign(61.1)
        rig.give(Unassign(), 61.2)
        assert len(rig.uploads()) == batches


def test_a_new_shift_may_start_during_the_final_attempt():
    rig = Rig()
    rig.assign(1)
    rig.give(Unassign(), 2)
    rig.assign(3)
    rig.answer(202, 4)
    assert rig.badge.state == "active"


def test_no_tag_is_lost_at_the_end_of_a_shift():
    rig = Rig()
    rig.assign(0)
    for _ in range(4):
        rig.scan((TAG, -50), (OTHER, -50))
    assert rig.badge.tags_near == [TAG, OTHER]
    rig.give(Unassign())
    rig.assign()
    rig.until(200)
    assert rig.badge.tags_near == []
    assert not rig.events("ble_lost")
