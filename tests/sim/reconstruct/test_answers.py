"""Which uploads were answered follows from what later boots found waiting."""

from badge.config import read_config
from badge.effects import Upload
from sim.reconstruct.answers import AnswerPlan

CONFIG = read_config({"device_id": "ACT-0000000A"})


def plan(moments, keeps=None, **more):
    numbers = list(range(1, len(moments) + 1))
    return AnswerPlan(CONFIG, 0, numbers, moments, [], keeps, **more)


def upload(first, last):
    return Upload(1, b"", last - first + 1, first, last)


def test_all_is_acknowledged_at_once_unless_something_tells():
    ms, answer = plan([0, 10, 20]).answer(upload(1, 3), 60_000, closing=False)
    assert (ms, answer.status) == (60_000, 202)


def test_what_the_next_boot_still_had_is_not_acknowledged():
    assert plan([0, 10, 20], keeps=1).answer(upload(1, 3), 60_000, closing=False) is None


def test_where_no_upload_falls_right_one_is_refused_and_comes_again_between_two_events():
    moments = [0, 100_000, 500_000, 900_000]
    ms, answer = plan(moments, keeps=3).answer(upload(1, 1), 60_000, closing=False)
    assert answer.status == 503
    assert 500_000 < ms + answer.retry_after_s * 1000 < 900_000
    assert ms - 60_000 < 120_000


def test_a_window_without_news_or_heartbeat_had_something_waiting():
    quiet = plan([0, 100, 2_000_000])  # the window of 1,860 s has nothing to tell
    ms, answer = quiet.answer(upload(1, 2), 60_000, closing=False)
    assert answer.status == 503
    assert ms + answer.retry_after_s * 1000 > 1_860_000
    assert quiet.answer(upload(1, 2), 1_900_000, closing=False)[1].status == 202


def test_an_update_that_was_taken_back_heard_nothing():
    deaf = plan([0, 100], deaf_until_ms=600_000)
    assert deaf.answer(upload(1, 2), 60_000, closing=False) is None


def test_it_goes_off_when_its_last_answer_comes():
    closing = plan([0, 100], off_ms=75_000)
    ms, answer = closing.answer(upload(1, 2), 60_000, closing=True)
    assert (ms, answer.status) == (75_000, 202)


def test_a_late_answer_lets_the_badge_send_what_has_come_meanwhile():
    moments = [0, 50_000, 70_000, 90_000]
    ms, answer = plan(moments, keeps=3).answer(upload(1, 2), 60_000, closing=False)
    assert answer.status == 202
    assert 70_000 < ms < 90_000
