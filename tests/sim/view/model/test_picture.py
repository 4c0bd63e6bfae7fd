import numpy as np

from sim.view.model.events import EventRows
from sim.view.model.picture import Draft, Mark, picture_of
from sim.view.model.plane import PicturePlane


def draft(*clocks):
    rows = EventRows(PicturePlane())
    for number, clock in enumerate(clocks, 1):
        at = None if clock is None else f"2026-01-01T{clock}Z"
        event = {"device_id": "A", "sequence_number": number, "event_type": "upload_heartbeat"}
        rows.add({**event, "timestamp_utc": at, "payload": {}}, number)
    return Draft("x", rows)


def test_events_are_in_order_of_time_and_say_where_they_were_read():
    picture = picture_of(draft("07:00:02", "07:00:01", "07:00:03"))
    assert picture.tables["events"]["at"].tolist() == [2, 1, 3]


def test_a_picture_of_nothing_is_one_too():
    document, content = picture_of(draft()).payload()
    assert (document["rows"], document["span"]) == (0, (0.0, 1000.0))
    assert len(content) > 0


def test_events_that_nobody_could_date_are_there_and_there_is_a_word_about_them():
    picture = picture_of(draft(None, "07:00:01"))
    assert np.isfinite(picture.tables["events"]["t_ms"]).all()
    assert "1 event has no time of day" in picture.document["notes"][0]


def test_a_mark_knows_its_event():
    one = draft("07:00:02", "07:00:01")
    one.marks += [Mark(5.0, 0, "finding", "second", 1.0), Mark(4.0, 0, "difference", "first", 9.0)]
    picture = picture_of(one)
    assert picture.tables["marks"]["event"].tolist() == [-1, 1]
    assert picture.tables["marks"]["what"].tolist() == [1, 0]
    assert picture.document["texts"] == ["first", "second"]
