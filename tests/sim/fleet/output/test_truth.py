"""Laws of the truth, held on a small run."""

import json
from datetime import datetime

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from badge.contract.validation import judge
from sim.fleet.output.truth import within
from sim.scenario.plan.roster import Roster
from sim.scenario.plan.site import EquipmentPlan
from sim.scenario.plan.worn_badge import WornBadge
from sim.world.adverts import Tag
from sim.world.movement import Journey, Knot
from sim.world.place import Spot
from sim.world.site import Plane
from tests.sim.fleet.story import parameters, source


def seconds(text):
    return datetime.fromisoformat(text).timestamp()


def wire_events(small):
    return [json.loads(line) for line in (small.path / "events.ndjson").read_text().splitlines()]


def test_what_was_logged_keeps_the_contract(small):
    events = wire_events(small)
    assert not judge(events).faults
    for device_id in small.document["devices"]:
        numbers = [e["sequence_number"] for e in events if e["device_id"] == device_id]
        assert numbers == list(range(1, len(numbers) + 1))


def test_a_row_of_truth_for_every_event(small):
    keys = ("device_id", "sequence_number", "event_type", "timestamp_utc", "firmware_version")
    logged = [(*(e[key] for key in keys), e["payload"]) for e in wire_events(small)]
    rows = [(*(r[key] for key in keys), json.loads(r["payload"])) for r in small.rows()]
    assert rows == logged


def test_fixes_lie_about_the_true_place(small):
    plane = Plane(45.81, 15.98)
    inside = []
    for row in small.rows():
        if row["event_type"] == "gps":
            said = json.loads(row["payload"])
            dx, dy = plane.to_xy(said["lat"], said["lon"])
            x, y = plane.to_xy(row["true_lat"], row["true_lon"])
            inside.append(((dx - x) ** 2 + (dy - y) ** 2) ** 0.5 < 3 * said["accuracy_m"])
    assert len(inside) > 200
    assert sum(inside) > 0.95 * len(inside)


def test_the_parcel_is_the_polygon_the_badge_was_in(small):
    plane = Plane(45.81, 15.98)
    for row in small.rows():
        x, y = plane.to_xy(row["true_lat"], row["true_lon"])
        if 0.2 < x < 59.8 and 0.2 < y < 39.8:
            assert row["parcel_id"] == "Maric"
        if not (-0.2 < x < 60.2 and -0.2 < y < 40.2):
            assert row["parcel_id"] is None


def test_indoors_there_is_no_fix(small):
    last = {}
    for row in small.rows():
        if row["event_type"] in ("gps", "gps_no_fix"):
            last[row["device_id"], row["timestamp_utc"][11:16]] = row["event_type"]
    assert {last[device, "07:46"] for device in small.document["devices"]} == {"gps_no_fix"}


def test_who_stands_at_a_machine_is_near_it_and_present(small):
    rows = [r for r in small.rows() if r["event_type"] == "ble_proximity"]
    assert len(rows) >= 2
    for row in rows:
        assert row["equipment_near"][0]["tag_mac"] == json.loads(row["payload"])["tag_mac"]
        assert row["equipment_near"][0]["distance_m"] < 20
    present = small.table("presence")
    stays = [seconds(one["end"]) - seconds(one["start"]) for one in present]
    assert max(stays) > 400
    assert {one["nearest_m"] for one in present if one["nearest_m"] < 0.5}


def test_visits_lie_in_shifts_and_sessions_hold_the_visits(small):
    shifts = {one["device_id"]: one for one in small.table("shifts")}
    for visit in small.table("visits"):
        shift = shifts[visit["device_id"]]
        assert shift["start"] <= visit["start"] < visit["end"] <= shift["end"]
        assert visit["worker_id"] == shift["worker_id"]
    assert len(small.table("sessions")) == 2
    for session in small.table("sessions"):
        assert session["parcel_id"] == "Maric"
        mine = [v for v in small.table("visits") if v["device_id"] == session["device_id"]]
        assert session["start"] == min(visit["start"] for visit in mine)
        assert session["end"] == max(visit["end"] for visit in mine)


def test_sessions_are_parted_by_more_than_twenty_minutes():
    story = source()
    roster = Roster(story, parameters(story))
    from sim.fleet.output.truth import BadgeTruth

    truth = BadgeTruth(roster.site_plan, WornBadge(roster, 0))

    def visit(start_s, end_s, parcel="p"):
        spans = {"start": start_s * 1000, "end": end_s * 1000}
        return {"worker_id": "Ana", "parcel_id": parcel, **spans}

    visits = [visit(0, 100), visit(150, 200, "q"), visit(1300, 1400), visit(2601, 2700)]
    joined = [(s["parcel_id"], s["start"], s["end"]) for s in truth._sessions(visits)]
    assert joined == [("p", 0, 1_400_000), ("q", 150_000, 200_000), ("p", 2_601_000, 2_700_000)]


@given(st.sampled_from([5.0, 20.0]), st.integers(0, 2**32), st.booleans())
def test_within_is_what_is_not_further(most_m, seed, parked):
    rng = np.random.default_rng(seed)
    times = np.arange(0, 60_000, 1000)
    xs, ys = rng.integers(-4, 5, (2, len(times))) * most_m / 4  # some of them just so far
    mover = Spot(0.0, 0.0) if parked else Journey([Knot(0, 0.0, 0.0, 0.0, "stand")])
    tag = Tag("AA:BB:CC:00:00:01", 1000, 0.0)
    piece = EquipmentPlan("saw", tag, mover, True, (), ((20_000, 30_000),))
    rows, metres = within(most_m, piece, times, xs, ys)
    silent = (times >= 20_000) & (times < 30_000)
    far = np.where(silent, np.inf, np.hypot(xs, ys))
    assert rows.tolist() == np.flatnonzero(far <= most_m).tolist()
    assert metres.tolist() == far[rows].tolist()
