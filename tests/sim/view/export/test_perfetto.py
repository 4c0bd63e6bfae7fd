import io
from collections import defaultdict

import pytest

from sim.view.export.perfetto import write_perfetto
from sim.view.open import open_picture

trace_pb2 = pytest.importorskip(
    "perfetto.protos.perfetto.trace.perfetto_trace_pb2", reason="needs the extra [test]"
)


@pytest.fixture(scope="module")
def trace(run):
    file = io.BytesIO()
    write_perfetto(open_picture([str(run)]), file)
    return trace_pb2.Trace.FromString(file.getvalue())


def test_its_own_messages_read_a_process_a_badge_and_a_track_a_machine(trace):
    made = {}
    for packet in trace.packet:
        if packet.HasField("track_descriptor"):
            told = packet.track_descriptor
            assert told.uuid not in made
            made[told.uuid] = told
        else:
            assert packet.track_event.track_uuid in made  # a track is made before it is used
    processes = [told for told in made.values() if told.HasField("process")]
    assert [told.process.process_name.split()[1] for told in processes] == ["Ana", "Boris"]
    assert {told.parent_uuid for told in made.values()} - {0} == {t.uuid for t in processes}
    names = {told.name for told in made.values()}
    assert {"machine shift", "machine gps", "machine upload", "machine motion", "events"} <= names


def test_slices_of_a_track_open_and_close_in_turn(trace):
    kinds = trace_pb2.TrackEvent
    tracks = defaultdict(list)
    for packet in trace.packet:
        if packet.HasField("track_event"):
            event = packet.track_event
            tracks[event.track_uuid].append((packet.timestamp, event.type))
    for told in tracks.values():
        depth = 0
        # At one moment the end of a slice comes before the beginning of the next.
        for _, kind in sorted(told, key=lambda one: (one[0], one[1] != kinds.TYPE_SLICE_END)):
            depth += {kinds.TYPE_SLICE_BEGIN: 1, kinds.TYPE_SLICE_END: -1}.get(kind, 0)
            assert depth in (0, 1)
        assert depth == 0


def test_flows_lead_from_an_event_through_its_request_to_the_answer(trace):
    starts, ends = set(), set()
    for packet in trace.packet:
        event = packet.track_event
        if event.name in ("gps", "motion", "reboot"):
            starts.update(event.flow_ids)
        ends.update(event.terminating_flow_ids)
    assert starts
    assert len(starts - ends) < len(starts) / 10  # what was still queued at the end
