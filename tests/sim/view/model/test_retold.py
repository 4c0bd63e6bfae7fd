from badge.host.recording_file import RecordingFile
from badge.inputs import Boot
from badge.recording.format import Happened
from sim.view.model.events import WordList
from sim.view.model.lanes import LANES, LaneRows
from sim.view.model.retold import offset_of, retell_into


def test_a_recording_tells_every_lane_that_events_do_not(run):
    path = sorted((run.parent / "recordings").iterdir())[0]
    with RecordingFile(path) as file:
        header, lines = file.header, list(file)
    lanes, tags = LaneRows(), WordList()
    told = retell_into(lanes, tags, 0, header, lines, "x", {})
    spans, samples = lanes.columns()
    there = {LANES[lane] for lane in {*spans["lane"].tolist(), *samples["lane"].tolist()}}
    assert {"shift", "motion", "rssi", "queue", "uploads", "battery", "clock", "boots"} <= there
    assert (spans["t1_ms"] >= spans["t0_ms"]).all()
    assert told.causes.accepted_ms
    assert told.t_ms(0) == offset_of(lines)


def test_a_badge_that_never_learnt_utc_has_no_offset():
    assert offset_of([Happened(0, Boot())]) is None
