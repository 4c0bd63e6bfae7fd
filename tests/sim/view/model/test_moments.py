import pytest

from badge.errors import InputError
from sim.view.model.events import EventRows
from sim.view.model.moments import (
    devices_named,
    in_words,
    moment_of,
    refuse_no_moment,
    rows_at,
    rows_numbered,
)
from sim.view.model.picture import Draft, picture_of
from sim.view.model.plane import PicturePlane


@pytest.fixture
def picture():
    rows = EventRows(PicturePlane())
    for number, (device, clock) in enumerate(
        [("A", "22:00:00"), ("B", "22:30:00"), ("A", "23:00:00")], 1
    ):
        event = {"device_id": device, "sequence_number": number, "event_type": "shift_start"}
        at = f"2026-03-14T{clock}Z"
        rows.add({**event, "timestamp_utc": at, "payload": {"worker_id": f"w{device}"}}, number)
    return picture_of(Draft("x", rows))


@pytest.mark.parametrize(
    ("text", "is_"),
    [
        ("22:30", "2026-03-14T22:30:00.000Z"),
        ("01:00:05", "2026-03-15T01:00:05.000Z"),  # the night after the first day
        ("2026-03-14T22:42:00.25Z", "2026-03-14T22:42:00.250Z"),
        ("60000ms", "2026-03-14T22:01:00.000Z"),
    ],
)
def test_a_moment_is_read_as_people_write_it(picture, text, is_):
    assert in_words(moment_of(text, picture), picture) == is_


@pytest.mark.parametrize("text", ["25:00", "10:60", "noon", "", "99999999999999 ms"])
def test_what_is_no_moment_is_one_sentence(picture, text):
    with pytest.raises(InputError, match="no moment; write 10:42"):
        moment_of(text, picture)


def test_where_nobody_knew_utc_a_clock_says_nothing(picture):
    picture.document["utc"] = False
    assert in_words(moment_of("5ms", picture), picture) == "5 ms"
    with pytest.raises(InputError, match="nobody knew UTC"):
        moment_of("10:42", picture)


def test_events_are_found_by_badge_worker_number_and_moment(picture):
    assert devices_named("wB", picture) == [1]
    assert rows_numbered(3, [0, 1], picture) == [2]
    assert rows_at(moment_of("22:59", picture), [0, 1], picture) == [0, 1]
    for wrong in (
        lambda: devices_named("C", picture),
        lambda: rows_numbered(9, [0], picture),
        lambda: rows_at(0.0, [0], picture),
    ):
        with pytest.raises(InputError):
            wrong()


def test_a_wrong_badge_or_number_is_told_with_those_that_are_there(picture):
    with pytest.raises(InputError, match=r"known are: A \(wA\), B \(wB\)"):
        devices_named("C", picture)
    with pytest.raises(InputError, match="no event of that number here; they go from 1 to 3"):
        rows_numbered(9, [0], picture)


def test_of_nothing_it_is_said_why_there_is_nothing():
    nothing = picture_of(Draft("x", EventRows(PicturePlane()), notes=["nothing was readable"]))
    with pytest.raises(InputError, match="here; nothing was readable"):
        rows_numbered(1, [], nothing)


@pytest.mark.parametrize("text", ["10:42", "10:42:05", "2026-03-14T10:42:05Z", "15000"])
def test_what_may_be_a_moment_of_some_picture_is_let_pass(text):
    refuse_no_moment(text)


@pytest.mark.parametrize("text", ["25:99", "noon", "", "-1"])
def test_what_is_a_moment_of_no_picture_is_one_sentence(text):
    with pytest.raises(InputError, match="no moment; write 10:42"):
        refuse_no_moment(text)
