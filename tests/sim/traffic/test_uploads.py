"""What a badge sent, and what its events would have called for."""

import json

import pytest

from badge.errors import InputError
from badge.host.recording_file import RecordingFile, RecordingWriter
from badge.inputs import Assign, Boot, Movement, UtcLearned
from badge.recording.format import Happened, Header, Wrote
from badge.recording.playback import replay
from sim.traffic.uploads import sent_for_events, sent_in_recording
from tests.sim.traffic.story import config, record_day


def sent_in(path):
    with RecordingFile(path) as file:
        return sent_in_recording(file)


@pytest.mark.parametrize("statuses", [(), (202, 503, 500), (202, 413), (202, 202, 207)])
def test_a_recording_sends_what_was_sent_and_when(tmp_path, statuses):
    day = record_day(tmp_path / "r.ndjson", statuses=statuses)
    assert sent_in(tmp_path / "r.ndjson") == (day.sent, True)


def test_what_got_no_answer_then_is_not_sent(tmp_path):
    day = record_day(tmp_path / "r.ndjson", statuses=(202, None))
    sent, _ = sent_in(tmp_path / "r.ndjson")
    assert sent == day.sent
    assert len(sent) > 1


def test_a_recording_without_a_network_is_sent_as_if_there_were_one(tmp_path):
    day = record_day(tmp_path / "r.ndjson", statuses=(None,) * 99)
    sent, _ = sent_in(tmp_path / "r.ndjson")
    assert day.sent == []
    assert [e for _, body in sent for e in json.loads(body)] == day.events


def test_events_alone_make_the_very_batches_of_their_badge(tmp_path):
    """The law: on a perfect link the badge's uploads follow from its events."""
    day = record_day(tmp_path / "r.ndjson", minutes=65)
    made = list(sent_for_events(day.events, config(), "x"))
    assert [body for _, body in made] == [body for _, body in day.sent]
    for (ours, _), (theirs, _) in zip(made, day.sent, strict=True):
        assert abs(ours - theirs) < 1000


def test_a_number_that_is_there_twice_is_one_sentence(tmp_path):
    day = record_day(tmp_path / "r.ndjson")
    with pytest.raises(InputError, match="sequence_number 1 is there twice"):
        list(sent_for_events([day.events[0], day.events[0]], config(), "x"))


def test_a_gap_of_months_costs_nothing(tmp_path):
    day = record_day(tmp_path / "r.ndjson")
    late = {**day.events[-1], "timestamp_utc": "2031-01-01T00:00:00Z", "sequence_number": 10_000}
    made = list(sent_for_events([*day.events, late], config(), "x"))
    assert sum(len(json.loads(body)) for _, body in made) == len(day.events) + 1


def test_a_build_that_logs_otherwise_is_told(tmp_path):
    path = tmp_path / "r.ndjson"
    record_day(path)
    path.write_bytes(
        path.read_bytes().replace(b'"worker_id":"W-007"}}', b'"worker_id":"W-008"}}', 1)
    )
    assert sent_in(path)[1] is False


def test_a_recording_that_ends_with_what_a_deadline_logged_is_logged_as_then(tmp_path):
    path, header = tmp_path / "r.ndjson", Header(config(), "0.1.0")
    happened = [(0, Boot()), (0, UtcLearned(1_773_477_135_000)), (1, Assign("W-007"))]
    lines = [Happened(ms, what) for ms, what in [*happened, (1, Movement(True))]]
    with RecordingWriter(path, header) as writer:
        for line in lines:
            writer.happened(line.ms, line.what)
        logged = list(replay(header, [*lines, Wrote(60_000, {})]))
        for line in logged:
            writer.wrote(line.ms, line.event)
    assert logged[-1].event["event_type"] == "gps_no_fix"
    assert sent_in(path)[1] is True
