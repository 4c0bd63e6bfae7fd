import numpy as np

from tests.sim.scenario.calendar.story import WEEKS
from tests.sim.scenario.plan.test_badge_lives import roster


def test_what_is_carried_is_where_its_carrier_is_on_every_day():
    made = roster(WEEKS + '  people: [{worker: Ana, leaves: "2026-03-04", badge_to: Eva}]\n')
    saw, ms_of = made.site_plan.equipment["saw"].mover, made.site_plan.clock.ms_of
    for day in made.days(0):
        times = np.arange(day.start_ms, day.end_ms, 600_000)
        assert np.allclose(saw.xy_at(times), day.journey.xy_at(times))
        west, south, east, north = saw.box_over(day.start_ms, day.end_ms)
        xs, ys = saw.xy_at(times)
        assert west <= xs.min() <= xs.max() <= east
        assert south <= ys.min() <= ys.max() <= north
    weekend = np.array([ms_of("2026-03-07 12:00")])
    left_at = made.days(0)[4].journey.position_at(made.days(0)[4].end_ms)
    assert np.allclose(np.ravel(saw.xy_at(weekend)), left_at)


def test_before_anybody_has_come_it_is_at_the_depot():
    saw = roster(WEEKS).site_plan.equipment["saw"].mover
    assert saw.box_over(0, 3_600_000) == (-30.0, 0.0, -30.0, 0.0)
