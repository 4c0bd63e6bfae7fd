"""The fewest scan results that make tags come and go as they did."""

from badge.config import read_config
from badge.inputs import Assign, Boot, ScanResult, UtcLearned
from badge.recording.format import Happened, Header
from badge.recording.playback import replay
from sim.reconstruct.phases import Phases
from sim.reconstruct.scans import ScanPlan
from sim.reconstruct.seen import SeenEvent

A, B = "AA:00:00:00:00:01", "AA:00:00:00:00:02"
CONFIG = read_config({"device_id": "ACT-0000000A", "known_equipment_tags": [A, B]})


def told(turns):
    """Plan turns of (second, mac, near, dbm, duration_s), and let a badge hear the results."""
    phases = Phases()
    start = phases.moment(0, 0)
    plan = ScanPlan(start, CONFIG, phases)
    for second, mac, near, dbm, duration_s in turns:
        place = phases.moment(second * 1000, second * 1000 + 999)
        payload = {"tag_mac": mac, "rssi": dbm, "last_rssi": dbm, "duration_s": duration_s}
        kind = "ble_proximity" if near else "ble_lost"
        plan.add(place, SeenEvent(place, kind, second, payload, "0.1.0", {}), phases)
    results = list(plan.results(phases.solve()))
    opening = [Happened(0, Boot()), Happened(0, UtcLearned(0)), Happened(0, Assign("W"))]
    lines = [*opening, *(Happened(ms, ScanResult(heard)) for ms, heard, _ in results)]
    logged = replay(Header(CONFIG, "0.1.0"), lines)
    found = [
        (
            line.ms // 1000,
            line.event["payload"]["tag_mac"],
            line.event["event_type"] == "ble_proximity",
            line.event["payload"].get("rssi", line.event["payload"].get("last_rssi")),
            line.event["payload"].get("duration_s", 0),
        )
        for line in logged
        if line.event["event_type"].startswith("ble_")
    ]
    return found, len(results)


def test_one_comes_and_goes():
    turns = [(20, A, True, -60, 0), (60, A, False, -60, 40)]
    assert told(turns) == (turns, 3 + 5)


def test_the_last_word_was_a_weak_one_or_another_strong_one():
    for dbm, results in ((-90, 8), (-66, 9)):
        turns = [(20, A, True, -60, 0), (60, A, False, dbm, 40)]
        assert told(turns) == (turns, results)


def test_two_of_one_cycle_come_in_their_order_whoever_was_heard_first():
    for first, second in ((A, B), (B, A)):
        turns = [
            (20, first, True, -60, 0),
            (20, second, True, -61, 0),
            (60, first, False, -60, 40),
            (60, second, False, -61, 40),
        ]
        assert told(turns)[0] == turns


def test_one_stays_while_the_other_goes():
    turns = [(20, A, True, -60, 0), (40, B, True, -50, 0), (90, A, False, -60, 70)]
    assert told(turns)[0] == turns
