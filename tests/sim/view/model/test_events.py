import math

import pytest

from sim.view.model.events import FATES, KINDS, EventRows, Fate, WordList, unix_ms_of
from sim.view.model.plane import PicturePlane

EVENT = {"device_id": "ACT-00000001", "event_type": "gps", "sequence_number": 4}
EVENT |= {"timestamp_utc": "2026-03-14T10:42:00Z", "payload": {"lat": 45.0, "lon": 15.0}}


def columns(*events, **more):
    rows = EventRows(PicturePlane())
    for number, event in enumerate(events):
        rows.add(event, number, **more)
    return rows, rows.columns()


def test_an_event_becomes_a_row_with_its_moment_its_place_and_its_fate():
    fate = Fate("overflowed", 3.0, 45.0, 15.001)
    rows, found = columns(EVENT, fate=fate)
    assert found["t_ms"][0] == 1773484920000.0
    assert (found["x_m"][0], found["y_m"][0]) == (0.0, 0.0)
    assert found["true_x_m"][0] == pytest.approx(78.8, abs=0.1)
    assert FATES[found["fate"][0]] == "overflowed"
    assert KINDS[found["kind"][0]] == "gps"
    assert rows.devices.words == ["ACT-00000001"]


def test_an_event_without_a_time_stands_where_the_one_before_it_does_and_is_counted():
    rows, found = columns(EVENT, {**EVENT, "timestamp_utc": None})
    assert found["t_ms"][0] == found["t_ms"][1]
    assert rows.undated == 1


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"event_type": ["gps"], "payload": 4},
        {"event_type": "new_kind", "sequence_number": True, "payload": {"lat": "x", "lon": 1}},
        {"event_type": "gps", "sequence_number": 10**400, "payload": {"lat": 1e9, "lon": 2}},
    ],
)
def test_whatever_is_no_event_is_a_row_that_says_nothing(event):
    _, found = columns(event)
    assert math.isnan(found["number"][0])
    assert math.isnan(found["x_m"][0])


@pytest.mark.parametrize("text", [None, 5, "", "2026-13-14T10:42:00Z", "2026-03-14T10:42:xxZ"])
def test_what_is_no_moment_is_none(text):
    assert unix_ms_of(text) is None


def test_a_list_of_words_that_is_full_puts_the_rest_into_its_last_place():
    words = WordList(most=2)
    assert [words.place(word) for word in "abcab"] == [0, 1, 1, 0, 1]


def test_names_that_are_too_long_are_cut_and_stay_two():
    words = WordList()
    places = [words.place("N" * 500_000 + end) for end in "aba"]
    assert places == [0, 1, 0]
    assert max(map(len, words.words)) < 150
