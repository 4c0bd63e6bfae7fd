"""From when until when, whose, and moved to when."""

from datetime import time

import pytest

from badge.errors import InputError
from sim.traffic.batches import Batch
from sim.traffic.choice import Chosen, read_devices, read_moment, read_shift_s

T0 = 1_773_473_400_000  # 2026-03-14T07:30:00Z
A, B = "ACT-0000000A", "ACT-0000000B"
BATCHES = [Batch(T0 + n * 600_000, (A, B)[n % 2], n + 1, n + 1, 1, 0, 0) for n in range(12)]


def first_numbers(chosen):
    return [batch.first_sequence for batch in chosen.of(BATCHES, "x")]


def test_all_unless_told_otherwise():
    assert first_numbers(Chosen()) == list(range(1, 13))


def test_a_time_of_day_is_of_the_first_day_in_utc():
    begin, end = read_moment("--from", "08:00"), read_moment("--until", "2026-03-14T08:30:00Z")
    assert first_numbers(Chosen(begin, end)) == [4, 5, 6, 7]


def test_devices_are_chosen_by_name():
    assert first_numbers(Chosen(devices=read_devices([f"{B}=ACT-000000FF"]))) == list(
        range(2, 13, 2)
    )


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: Chosen(devices=read_devices(["ACT-000000FF"])).of(BATCHES, "x"), "not there"),
        (lambda: Chosen(read_moment("--from", "23:00")).of(BATCHES, "x"), "they went from 2026"),
        (
            lambda: Chosen(time(11), time(10)).of(BATCHES, "x"),
            "--from 11:00:00 is later than --until 10:00:00",
        ),
        (lambda: Chosen().of([], "x"), "no batch"),
        (lambda: read_moment("--from", "noon"), "--from noon: no moment"),
        (lambda: read_devices(["act-1"]), "no device"),
        (lambda: read_devices([f"{A},{A}"]), "named twice"),
        (lambda: read_devices([f"{A}={B},{B}"]), "sent as twice"),
        (lambda: read_shift_s("soon", T0, 0.0), "--shift soon"),
        (lambda: read_shift_s("+9999999999999d", T0, 0.0), "--shift"),
    ],
)
def test_what_cannot_be_chosen_is_one_sentence(call, says):
    with pytest.raises(InputError, match=says):
        call()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, 0),
        ("now", 100),
        ("+7d", 7 * 86_400),
        ("-90m", -5400),
        ("2026-03-14T08:30:00Z", 3600),
        ("2026-03-14T08:30:00", 3600),
    ],
)
def test_a_shift_is_whole_seconds(text, seconds):
    assert read_shift_s(text, T0, T0 / 1000 + 100) == seconds
