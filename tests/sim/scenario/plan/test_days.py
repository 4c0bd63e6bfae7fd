import pytest

from badge.errors import InputError
from sim.scenario.plan.days import try_days
from sim.scenario.plan.roster import Roster
from tests.sim.fleet.story import parameters, source
from tests.sim.scenario.calendar.story import WEEKS
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


def test_who_rides_waits_at_the_truck_where_the_run_ends_before_it_leaves():
    day = SMALL[: SMALL.index("      - {work")] + RIDE.lstrip("\n")
    made = roster(day.replace("\ncrews:", TRUCK, 1), hours=0.4)
    end_ms = made.parameters.end_ms
    assert end_ms < made.site_plan.equipment["truck"].trips[0][0]
    assert made.days(0)[0].journey.position_at(end_ms) == (-20.0, 0.0)


def test_who_follows_a_track_is_on_it(tmp_path):
    (tmp_path / "walk.gpx").write_text(GPX)
    step = '{track: walk.gpx, until: "07:30"}'
    made = roster(SMALL.replace('{work: Maric, until: "07:30"}', step), tmp_path)
    (day,) = made.days(0)
    x, y = day.journey.position_at(made.site_plan.clock.ms_of("07:20"))
    assert (x, y) == (pytest.approx(0.0, abs=0.2), pytest.approx(111.1, abs=0.5))


def test_days_repeat_and_are_not_the_same():
    first, second = roster(hours=30.0).days(0)
    assert 86_000_000 < second.start_ms - first.start_ms < 86_800_000
    assert len(first.journey) != len(second.journey)


def test_days_of_a_calendar_differ():
    made = roster(WEEKS)
    days, word = made.days(1), made.site_plan.clock.word
    assert len(days) == 10
    there = {}
    for day in days:
        noon = made.site_plan.clock.ms_of(f"{word(day.start_ms)[:10]} 13:00")
        point = day.journey.position_at(noon)
        inside = (area.name for area in made.site_plan.site.areas if area.contains(*point))
        there[word(day.start_ms)[5:10]] = next(inside, None)
    babic_in_the_afternoon, maric_all_day = there.pop("03-02"), there.pop("03-09")
    assert (babic_in_the_afternoon, maric_all_day) == ("Babic", "Maric")
    assert set(there.values()) == {None}  # nothing is due, and he waits at the depot


def test_each_different_day_is_tried_once():
    made = roster(WEEKS)
    assert try_days(made.site_plan, "gardeners", "Boris") == 4  # two Mondays, other days, weekend
    far = WEEKS.replace("[300, 0], [360, 0], [360, 40], [300, 40]", FAR)
    with pytest.raises(InputError, match="Boris still drives to 'Babic' when its time is over"):
        try_days(roster(far).site_plan, "gardeners", "Boris")


FAR = "[290000, 0], [290060, 0], [290060, 40], [290000, 40]"
