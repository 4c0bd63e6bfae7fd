from sim.view.model.columns import taken
from sim.view.model.events import EventRows
from sim.view.model.lanes import LANES, LaneRows, add_lanes
from sim.view.model.plane import PicturePlane

DAY = [
    ("shift_start", "07:00:00", {"worker_id": "Ana"}),
    (
        "motion",
        "07:01:00",
        {"previous_state": "stationary", "new_state": "moving", "duration_s": 30},
    ),
    ("ble_proximity", "07:02:00", {"tag_mac": "AA", "rssi": -60, "detection_count": 3}),
    ("ble_lost", "07:04:00", {"tag_mac": "AA", "last_rssi": -80, "duration_s": 120}),
    ("low_battery", "07:05:00", {"battery_pct": 10}),
    ("shift_end", "07:10:00", {"worker_id": "Ana", "end_reason": "manual"}),
]


def lanes_of(day, end="07:20:00"):
    rows = EventRows(PicturePlane())
    for number, (kind, clock, payload) in enumerate(day, 1):
        event = {"device_id": "A", "sequence_number": number, "event_type": kind}
        rows.add({**event, "timestamp_utc": f"2026-01-01T{clock}Z", "payload": payload}, number)
    lanes, events = LaneRows(), rows.columns()
    start_ms = float(events["t_ms"][0])
    add_lanes(lanes, events, start_ms + 1_200_000.0, rows.workers, ["truck"])
    spans, samples = lanes.columns()
    told = [
        (
            LANES[spans["lane"][i]],
            (spans["t0_ms"][i] - start_ms) / 1000,
            (spans["t1_ms"][i] - start_ms) / 1000,
            lanes.words.words[spans["label"][i]],
        )
        for i in range(len(spans["lane"]))
    ]
    return told, samples


def test_events_alone_tell_shift_motion_and_tags():
    told, samples = lanes_of(DAY)
    assert told == [
        ("shift", 0, 600, "Ana"),
        ("motion", 30, 60, "still"),
        ("motion", 60, 600, "moving"),
        ("tags", 120, 240, "truck"),
    ]
    assert taken(samples, samples["lane"] == LANES.index("battery"))["value"].tolist() == [10]


def test_what_never_ended_lasts_to_the_end_of_the_picture():
    told, _ = lanes_of(DAY[:3])
    assert ("shift", 0, 1200, "Ana") in told
    assert ("tags", 120, 1200, "truck") in told
    assert ("motion", 60, 1200, "moving") in told
