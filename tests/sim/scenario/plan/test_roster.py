"""Who wears what: days, crews, copies, shares, faults, terrain."""

import json

import pytest

from badge.errors import InputError
from sim.scenario.language.read import read_scenario
from sim.scenario.plan.roster import Roster
from tests.sim.fleet.story import parameters, source
from tests.sim.scenario.story import SMALL

TRUCK = """
  truck:
    tag: "AA:BB:CC:00:00:02"
    parked: [-20, 0]
    trips: [{at: "07:20", route: [[300, 0]], speed_kmh: 36}]
crews:"""
RIDE = """
      - {ride: truck}
      - {leave: [310, 0]}
"""
GPX = """<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
<trkpt lat="45.81" lon="15.98"><time>2026-01-01T10:00:00Z</time></trkpt>
<trkpt lat="45.811" lon="15.98"><time>2026-01-01T10:01:30Z</time></trkpt>
</trkseg></trk></gpx>"""


def roster(text=SMALL, folder=None, **changes):
    story = source(text) if folder is None else source(text, folder)
    return Roster(story, parameters(story, **changes))


def test_a_worker_does_what_the_day_says():
    made = roster()
    (day,) = made.days(0)
    clock, journey = made.site_plan.clock, day.journey
    at = {text: journey.position_at(clock.ms_of(text)) for text in ("07:20", "07:37", "07:47")}
    area = made.site_plan.area_of("Maric")
    assert area.contains(*at["07:20"])
    assert at["07:37"] == (10.0, 10.0)
    assert made.site_plan.sky_at(*at["07:47"]) == "indoor"
    assert journey.position_at(day.end_ms) == (-30.0, 0.0)
    assert made.site_plan.sky_at(-30.0, 0.0) == "open"


def test_who_rides_is_where_the_truck_is():
    day = SMALL[: SMALL.index("      - {work")] + RIDE.lstrip("\n")
    made = roster(day.replace("\ncrews:", TRUCK, 1))
    truck = made.site_plan.equipment["truck"]
    (leaves_ms, arrives_ms), (day,) = truck.trips[0], made.days(0)
    for ms in range(leaves_ms, arrives_ms, 5000):
        truck_x = truck.mover.box_over(ms, ms)[0]
        assert abs(day.journey.position_at(ms)[0] - truck_x) < 12.0  # a second at 36 km/h
    assert day.journey.position_at(arrives_ms)[0] == pytest.approx(300.0, abs=0.2)


def test_who_follows_a_track_is_on_it(tmp_path):
    (tmp_path / "walk.gpx").write_text(GPX)
    step = '{track: walk.gpx, until: "07:30"}'
    made = roster(SMALL.replace('{work: Maric, until: "07:30"}', step), tmp_path)
    (day,) = made.days(0)
    x, y = day.journey.position_at(made.site_plan.clock.ms_of("07:20"))
    assert (x, y) == (pytest.approx(0.0, abs=0.2), pytest.approx(111.1, abs=0.5))


def test_what_is_carried_goes_along():
    made = roster(
        SMALL.replace("parked: [10, 10]", "carried_by: Boris").replace("mixer, u", "depot, u")
    )
    mover = made.site_plan.equipment["mixer"].mover
    ms = made.site_plan.clock.ms_of("07:20")
    assert mover.box_over(ms, ms)[:2] == made.days(1)[0].journey.position_at(ms)


def test_days_repeat_and_are_not_the_same():
    first, second = roster(hours=30.0).days(0)
    assert 86_000_000 < second.start_ms - first.start_ms < 86_800_000
    assert len(first.journey) != len(second.journey)


def test_a_geojson_file_gives_parcels(tmp_path):
    ring = [[15.981, 45.81], [15.982, 45.81], [15.982, 45.811], [15.981, 45.81]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"parcel_id": "P-1"}, "geometry": shape}
    document = {"type": "FeatureCollection", "features": [feature]}
    (tmp_path / "p.geojson").write_text(json.dumps(document))
    text = SMALL.replace("  parcels:", "  parcels_file: p.geojson\n  parcels:")
    names = [area.name for area in roster(text, tmp_path).site_plan.site.areas]
    assert names == ["P-1", "Maric", "shed"]
    (tmp_path / "p.geojson").write_text('{"features": [{"geometry": {"type": "Point"}}]}')
    with pytest.raises(InputError, match="Point; only polygons"):
        roster(text, tmp_path)


def test_a_larger_share_holds_the_smaller():
    made = roster(read_text("roll-out"), badges=20)
    struck = {
        (one.incident.firmware, one.at_ms): set() for i in range(20) for one in made.incidents(i)
    }
    for index in range(20):
        for one in made.incidents(index):
            struck[one.incident.firmware, one.at_ms].add(index)
    sizes = [len(found) for _, found in sorted(struck.items(), key=lambda item: item[0][1])]
    assert sizes == [2, 10, 4, 20]
    first, second = (struck[key] for key in sorted(struck, key=lambda key: key[1])[:2])
    assert first < second
    assert second != set(range(10))  # drawn, not the first ones


def test_a_share_is_faulty():
    text = SMALL.replace(
        "crews:", "badges: [{count: 2, faulty: {share: 0.25, fault: gps}}]\ncrews:"
    )
    made = roster(text, badges=400)
    faulty = sum(made.fault(index) == "gps" for index in range(400))
    assert 70 < faulty < 130


def test_every_badge_has_its_own_id_and_knows_the_tags():
    made = roster(badges=100)
    ids = [made.config(index).device_id for index in range(100)]
    assert ids == sorted(set(ids))
    assert made.config(99).known_equipment_tags == ["AA:BB:CC:00:00:01"]


def read_text(name):
    from sim.scenario.language.read import find

    assert read_scenario(name).scenario.scenario
    return find(name).read_text("utf-8")
