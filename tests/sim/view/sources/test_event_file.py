import json

import pytest

from sim.view.sources.event_file import EventFile, open_events

EVENT = {"device_id": "ACT-00000001", "firmware_version": "0.1.0", "event_type": "gps"}
EVENT |= {"timestamp_utc": "2026-03-14T10:42:00Z", "sequence_number": 1, "payload": {}}


def numbered(*numbers):
    return [{**EVENT, "sequence_number": number} for number in numbers]


def lines(*documents):
    return "".join(json.dumps(one) + "\n" for one in documents)


@pytest.mark.parametrize(
    "text",
    [
        lines(*numbered(1, 2, 3)),
        lines(numbered(1, 2), numbered(3)),  # batches
        lines(*({"ms": 5, "out": event} for event in numbered(1, 2, 3))),
        lines({"body": {"events": numbered(1, 2, 3)}}),
        json.dumps(numbered(1, 2, 3), indent=1),  # one document over many lines
        lines(*numbered(1, 2, 3)).rstrip(),
    ],
)
def test_events_are_found_in_every_form_and_read_again(tmp_path, text):
    (tmp_path / "x.ndjson").write_text(text)
    opened = open_events(tmp_path / "x.ndjson")
    assert [opened.about(row)["event"] for row in range(3)] == numbered(1, 2, 3)
    assert opened.picture.rows == 3


@pytest.mark.parametrize("text", ["", "\n", "no json\n", '{"a":\n', "4\n"])
def test_a_file_without_events_is_a_picture_of_nothing_and_a_word_why(tmp_path, text):
    (tmp_path / "x").write_text(text)
    opened = open_events(tmp_path / "x")
    assert opened.picture.rows == 0
    assert "there is no event in it" in " ".join(opened.picture.document["notes"])


def test_a_line_that_is_still_being_written_is_read_when_it_is_whole(tmp_path):
    path = tmp_path / "x"
    text = lines(*numbered(1, 2))
    path.write_text(text[:-30])
    file = EventFile(path)
    assert file.read() == 1
    path.write_text(text)
    assert file.read() == 1
    assert file.read() == 0
    assert file.skipped == 0


def test_a_line_that_is_too_long_is_left_out_with_a_word_and_the_rest_is_shown(tmp_path):
    path = tmp_path / "x.ndjson"
    path.write_text(
        json.dumps(EVENT | {"device_id": "N" * 3_000_000}) + "\n" + json.dumps(EVENT) + "\n"
    )
    picture = open_events(path).picture
    assert picture.rows == 1
    assert "1 line" in picture.document["notes"][0]
    assert "more than" in picture.document["notes"][0]
