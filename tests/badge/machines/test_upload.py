"""Contract section 3, Upload: windows, the drain, and what each answer does."""

from __future__ import annotations

import pytest
from pydantic_core import from_json

from badge.effects import Notice, Upload
from badge.errors import MisuseError
from badge.inputs import Assign, Boot, ConfigPush, Unassign, UploadAnswer, UtcLearned
from badge.machines.table import never
from badge.machines.upload import UPLOAD, UploadIs, backoff_ms
from tests.badge.rig import DEVICE, START_UNIX_MS, TAG, Rig


def filled(count, **config):
    """A badge whose queue holds that many events, about to open its first window at 60 s."""
    rig = Rig(**config)
    while len(rig.waiting()) < count:
        rig.give(Boot("watchdog"))
        rig.give(UtcLearned(START_UNIX_MS + rig.now_ms))
    rig.did.clear()
    return rig


def sent(rig, *answers):
    """Answer batch after batch; return all batches."""
    rig.until(60)
    for status in answers:
        rig.answer(status, rig.now_ms / 1000 + 1)
    return rig.uploads()


def test_windows_open_60_s_after_boot_and_then_every_1800_s_in_every_state():
    rig = Rig()
    for at_s in (60, 1860, 3660):
        rig.until(at_s)
        rig.answer(202)
    rig.assign(5000)
    rig.until(5460)
    assert rig.moments(Upload) == [60, 1860, 3660, 5460]


def test_a_heartbeat_only_if_nothing_was_generated_and_nothing_is_queued():
    rig = Rig()
    rig.until(60)
    assert rig.types() == ["reboot"]
    rig.answer(202)
    for at_s in (1860, 3660):
        rig.until(at_s)
        assert rig.events("upload_heartbeat")[-1] == (at_s, "upload_heartbeat", {})
        rig.answer(202)
    rig.give(Assign("W-007"), 3700)
    rig.until(5460)
    assert len(rig.events("upload_heartbeat")) == 2


def test_no_heartbeat_while_something_waits_or_was_generated_and_delivered():
    rig = Rig()
    rig.until(60)
    rig.answer(503, 61)
    rig.until(1860)
    assert not rig.events("upload_heartbeat")
    rig = Rig()
    rig.until(60)
    rig.answer(202)
    rig.assign(100)
    rig.give(Unassign(), 101)
    rig.answer(202, 102)
    assert rig.waiting() == []
    rig.until(1860)
    assert not rig.events("upload_heartbeat")
    rig.until(3660)
    assert rig.events("upload_heartbeat") == [(3660, "upload_heartbeat", {})]


def test_the_drain_goes_on_oldest_first_until_empty():
    rig = filled(10, batch_events_max=4)
    assert sent(rig, 202, 202, 202) == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]]
    assert rig.waiting() == []


def test_a_batch_has_100_events_at_most_and_takes_what_was_logged_meanwhile():
    rig = filled(150)
    rig.until(60)
    rig.assign(61)
    first = rig.uploads()[0]
    rig.answer(202, 62)
    assert (first, rig.uploads()[1]) == (list(range(1, 101)), list(range(101, 152)))


def test_one_batch_is_in_flight():
    rig = Rig(upload_interval_s=30, boot_upload_delay_s=1)
    rig.until(110)
    assert rig.moments(Upload) == [1]


def test_the_body_is_the_wire_form():
    rig = Rig()
    rig.until(60)
    upload = rig.upload
    assert from_json(upload.body) == [
        {
            "device_id": DEVICE,
            "firmware_version": "0.1.0",
            "event_type": "reboot",
            "timestamp_utc": "2026-03-14T08:32:15Z",
            "sequence_number": 1,
            "payload": {"reason": "power_on", "previous_uptime_s": 0, "events_in_queue": 0},
        }
    ]
    assert (upload.count, upload.first_sequence, upload.last_sequence) == (1, 1, 1)


def test_207_acknowledges_the_accepted_and_quarantines_the_rejected_for_good():
    rig = filled(5)
    rig.until(60)
    rig.answer(207, rejected=((2, "bad"), (4, "worse"), (99, "not in the batch")))
    assert rig.waiting() == []
    assert rig.quarantined() == [(2, "bad"), (4, "worse")]
    rig.until(1860)
    assert rig.uploads()[1:] == [[6]]
    told = [e for _, e in rig.did if isinstance(e, Notice) and e.about == "quarantined"]
    assert [notice.sequence_numbers for notice in told] == [(2,), (4,)]


@pytest.mark.parametrize("status", [200, 202])
def test_a_list_of_refusals_counts_in_a_207_alone(status):
    rig = filled(3)
    rig.until(60)
    rig.answer(status, rejected=((2, "bad"),))
    assert rig.quarantined() == []


def test_quarantine_keeps_the_newest_and_counts_all():
    rig = filled(5, quarantine_events_max=2)
    rig.until(60)
    rig.answer(207, rejected=tuple((number, "bad") for number in range(1, 6)))
    assert [number for number, _ in rig.quarantined()] == [4, 5]
    assert rig.badge.store.queue.quarantine_count == 5


def test_400_on_several_splits_and_tries_the_halves_until_one_is_alone():
    rig = filled(7, batch_events_max=6)
    assert sent(rig, 400, 400, 202, 400, 202, 202) == [
        [1, 2, 3, 4, 5, 6],
        [1, 2, 3],
        [1, 2],
        [3],
        [4, 5, 6],
        [7],
    ]
    assert rig.quarantined() == [(3, "the cloud answered 400")]


def test_halves_outlive_a_backoff_and_what_overflow_drops_of_them():
    rig = filled(4, queue_events_max=4)
    assert sent(rig, 400, 503) == [[1, 2, 3, 4], [1, 2]]
    rig.assign()
    rig.give(ConfigPush({"gps_interval_s": 1, "gps_timeout_s": 1}))
    rig.until(rig.now_ms / 1000 + 40)
    assert rig.uploads()[2][0] > 2
    assert rig.badge.store.queue.overflow_count > 2


def test_413_halves_the_batch_size_and_tries_again():
    rig = filled(9)
    assert sent(rig, 413, 413, 202, 202) == [
        list(range(1, 10)),
        [1, 2, 3, 4],
        [1, 2],
        [3, 4],
        [5, 6],
    ]


def test_413_on_a_single_event_is_quarantine():
    rig = filled(2, batch_events_max=1)
    assert sent(rig, 413) == [[1], [2]]
    assert rig.quarantined() == [(1, "the cloud answered 413")]


def test_422_holds_the_queue_reports_it_and_loses_nothing():
    rig = filled(3)
    rig.until(60)
    rig.answer(422, code="schema_deprecated")
    assert rig.badge.upload_state == UploadIs.HELD
    assert rig.notices()[-1] == "needs_firmware"
    rig.until(1859)
    assert (len(rig.uploads()), rig.waiting()) == (1, [1, 2, 3])
    rig.until(1860)
    rig.answer(202)
    assert rig.waiting() == []


@pytest.mark.parametrize("status", [401, 403, 408, 429, 500, 502, 503, 599, None, 200, 404, 422])
def test_any_other_answer_backs_off_and_loses_nothing(status):
    rig = filled(3)
    rig.until(60)
    rig.answer(status)
    due_ms = 60_000 + backoff_ms(DEVICE, 1, 30, 1800)
    assert rig.badge.upload_state == UploadIs.BACKOFF
    rig.until(due_ms / 1000 - 0.001)
    assert len(rig.uploads()) == 1
    rig.until(due_ms / 1000)
    assert rig.uploads() == [[1, 2, 3], [1, 2, 3]]


def test_the_backoff_doubles_with_full_jitter_to_a_cap_of_1800_s():
    pauses = [backoff_ms("ACT-3F8A21B4", failures, 30, 1800) for failures in range(1, 60)]
    assert pauses[:8] == [26107, 14414, 92084, 79917, 197999, 397514, 946355, 1670295]
    for failures, pause in enumerate(pauses, 1):
        assert 1000 <= pause <= min(30 << failures - 1, 1800) * 1000
    assert max(pauses) > 1_500_000
    assert min(pauses[6:]) < 300_000
    assert backoff_ms("ACT-3F8A21B5", 1, 30, 1800) != pauses[0]


def test_failures_count_up_and_a_success_begins_anew():
    rig = filled(3, batch_events_max=2)
    rig.until(60)
    for failures in (1, 2, 3):
        before_ms = rig.now_ms
        rig.answer(503)
        rig.until((before_ms + backoff_ms(DEVICE, failures, 30, 1800)) / 1000)
        assert len(rig.uploads()) == failures + 1
    rig.answer(202)
    before_ms = rig.now_ms
    rig.answer(503)
    rig.until((before_ms + backoff_ms(DEVICE, 1, 30, 1800)) / 1000)
    assert rig.uploads()[-2:] == [[3], [3]]


@pytest.mark.parametrize(
    ("retry_after_s", "pause_s"), [(4000, 4000), (200_000, 86_400), (-5, None), (0, None)]
)
def test_retry_after_is_honoured(retry_after_s, pause_s):
    rig = filled(1, upload_interval_s=604_800)
    rig.until(60)
    rig.answer(429, retry_after_s=retry_after_s)
    pause_s = pause_s or backoff_ms(DEVICE, 1, 30, 1800) / 1000
    rig.until(60 + pause_s - 0.001)
    assert len(rig.uploads()) == 1
    rig.until(60 + pause_s)
    assert len(rig.uploads()) == 2


def test_a_short_retry_after_does_not_shorten_the_backoff():
    rig = filled(1)
    rig.until(60)
    rig.answer(429, retry_after_s=1)
    rig.until(61)
    assert len(rig.uploads()) == 1


def test_a_window_does_not_cut_a_backoff_short():
    rig = filled(1, upload_interval_s=70)
    rig.until(60)
    rig.answer(503, 62, retry_after_s=500)
    rig.until(561)
    assert len(rig.uploads()) == 1


def test_silence_is_an_answer_after_120_s_and_a_late_one_is_ignored():
    rig = filled(1)
    rig.until(60)
    late = rig.upload.request
    rig.until(180)
    assert rig.badge.upload_state == UploadIs.BACKOFF
    rig.give(UploadAnswer(late, 202))
    assert rig.waiting() == [1]
    rig.until(220)
    rig.give(UploadAnswer(late, 202))
    assert rig.waiting() == [1]


def test_an_answer_to_a_request_of_an_earlier_boot_is_ignored():
    rig = filled(1)
    rig.until(60)
    old = rig.upload.request
    rig.give(Boot("watchdog"))
    rig.give(UtcLearned(START_UNIX_MS))
    rig.until(120)
    rig.give(UploadAnswer(old, 202))
    assert rig.waiting() == [1, 2]


def test_requests_count_up_and_never_come_near_those_of_another_boot():
    rig = filled(1)
    rig.until(60)
    first = rig.upload.request
    rig.answer(503)
    rig.until(200)
    assert type(first) is int
    assert rig.upload.request == first + 1
    rig.give(Boot("watchdog"))
    rig.give(UtcLearned(START_UNIX_MS))
    rig.until(400)
    assert rig.upload.request > first + 1000


def test_everything_is_stamped_before_any_upload():
    rig = Rig(utc=False)
    rig.assign(10)
    rig.until(2000)
    assert (rig.uploads(), rig.events()) == ([], [])
    rig.give(UtcLearned(START_UNIX_MS + 2_000_000), 2000)
    stamps = [event["timestamp_utc"] for event in from_json(rig.upload.body)]
    assert stamps[:2] == ["2026-03-14T08:32:15Z", "2026-03-14T08:32:25Z"]
    kinds = [type(effect).__name__ for _, effect in rig.did]
    assert kinds.index("Upload") > len(kinds) - 1 - kinds[::-1].index("Logged")


def test_a_corrected_time_of_day_moves_no_duration_and_no_earlier_stamp():
    rig = Rig()
    rig.assign(0)
    for _ in range(3):
        rig.scan((TAG, -50))
    rig.give(UtcLearned(START_UNIX_MS - 3_600_000), 20)
    for _ in range(5):
        rig.scan()
    assert rig.events("ble_lost")[0][2]["duration_s"] == 30
    rig.until(60)
    stamps = [event["timestamp_utc"] for event in from_json(rig.upload.body)]
    assert stamps[0] == "2026-03-14T08:32:15Z"
    assert stamps[-1].startswith("2026-03-14T07:3")


@pytest.mark.parametrize("unix_ms", [-1, 10**15, 2**70])
def test_a_time_of_day_that_no_calendar_has_is_not_learnt(unix_ms):
    rig = Rig(utc=False)
    rig.give(UtcLearned(unix_ms))
    assert rig.events() == []


def test_a_full_queue_drops_the_oldest_and_the_count_persists():
    rig = filled(3, queue_events_max=3)
    rig.assign(1)
    assert rig.waiting()[-1] == 4
    assert (rig.waiting()[0], rig.notices()) == (2, ["overflow"])
    again = Rig(rig.badge.store, queue_events_max=3)
    assert again.badge.store.queue.overflow_count == 3  # reboot and shift_end pushed two out


def test_a_single_event_refused_after_it_overflowed_is_not_quarantined():
    rig = filled(1, queue_events_max=1)
    rig.until(60)
    rig.assign()
    rig.answer(400)
    assert rig.quarantined() == []
    assert "quarantined" not in rig.notices()


@pytest.mark.parametrize(
    ("state", "fact"), [key for key, (_, action) in UPLOAD.rows.items() if action is never]
)
def test_what_cannot_happen_is_a_misuse(state, fact):
    uploads = Rig().badge._uploads
    uploads.state = state
    with pytest.raises(MisuseError):
        uploads._on(fact)
