from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario.plan import worn_badge
from sim.scenario.plan.roster import Roster
from sim.scenario.plan.worn_badge import WEAK_HEALTH, WornBadge
from tests.sim.fleet.story import parameters, source
from tests.sim.scenario.story import SMALL

TWO_DAYS = SMALL.replace("hours: 1.5", "hours: 26")
DOWN = """
incidents:
  - {at: "07:10", gps_down_min: 10}
  - {at: "07:15", gps_down_min: 2}
  - {at: "07:18", gps_down_min: 4}
  - {at: "07:05", scanner_down_min: 1}
"""


def worn(text=SMALL, index=0):
    story = source(text)
    roster = Roster(story, parameters(story))
    return WornBadge(roster, index), roster.site_plan.clock.ms_of, roster


def test_a_day_begins_with_the_worker_and_lasts_until_the_next():
    badge, ms_of, roster = worn(TWO_DAYS)
    first, second = badge.days
    assert badge.day_at(0) is None
    assert badge.day_at(first.start_ms - 1) is None
    assert badge.day_at(first.start_ms) is first
    assert badge.day_at(second.start_ms - 1) is first
    assert badge.day_at(ms_of("09:00", 1)) is second
    assert [badge.worn_at(ms) for ms in (first.end_ms - 1, first.end_ms)] == [True, False]
    assert badge.position_at(0) == roster.site_plan.depot


def test_it_moves_only_while_it_is_worn():
    badge, ms_of, _ = worn()
    (day,) = badge.days
    assert any(badge.moving_at(ms) for ms in range(day.start_ms, day.end_ms, 10_000))
    assert not badge.moving_at(ms_of("07:35:30"))  # she stands at the mixer
    assert not any(badge.moving_at(ms) for ms in range(day.end_ms, ms_of("08:20"), 10_000))


def test_the_sky_is_that_of_where_it_is():
    badge, ms_of, _ = worn()
    assert badge.sky_at(ms_of("07:35")) == "open"
    assert badge.sky_at(ms_of("07:48")) == "indoor"  # in the shed


def test_the_network_is_that_of_where_it_is():
    dead = "coverage: {zones: [{area: shed, gain_db: -90}]}\n"
    badge, ms_of, _ = worn(SMALL + dead)
    assert badge.link_at(ms_of("07:35")).up
    assert not badge.link_at(ms_of("07:48")).up


@settings(deadline=None)
@given(st.lists(st.integers(0, 26 * 3_600_000), min_size=1, max_size=20))
def test_many_places_are_those_of_each_moment(times):
    badge, _, _ = worn(TWO_DAYS)
    xs, ys = badge.xy_at(np.array(times, dtype=np.int64))
    assert np.allclose(np.stack([xs, ys], axis=1), [badge.position_at(t) for t in times], atol=1e-6)


def test_the_stays_are_without_gap():
    badge, _, roster = worn(TWO_DAYS)
    stays = list(badge.stays(roster.parameters.end_ms))
    assert (stays[0].start_ms, stays[-1].end_ms) == (0, roster.parameters.end_ms)
    assert all(before.end_ms == after.start_ms for before, after in pairwise(stays))
    assert [stay.journey is None for stay in stays] == [True, False, False]


def test_the_radio_learns_whose_body_stands_in_the_way():
    badge, _, _ = worn()
    assert badge.wearer_at(0).facing is None
    (day,) = badge.days
    assert badge.wearer_at(day.start_ms).facing is day.journey
    assert badge.wearer_at(day.end_ms).mover is day.journey  # where it was left


def test_incidents_that_overlap_are_one_long_one():
    badge, ms_of, _ = worn(SMALL + DOWN)
    moments = ("07:09:59", "07:10", "07:17:30", "07:20", "07:21:59", "07:22")
    down = [badge.gps_down_at(ms_of(at)) for at in moments]
    assert down == [False, True, True, True, True, False]
    assert [badge.scanner_down_at(ms_of(at)) for at in ("07:05", "07:06")] == [True, False]


@pytest.mark.parametrize("part", ["gps", "scanner", "battery"])
def test_what_is_faulty_is_faulty_all_the_time(part):
    group = f"badges: [{{count: 2, faulty: {{share: 1.0, fault: {part}}}}}]\n"
    badge, _, roster = worn(SMALL + group)
    ends = (0, roster.parameters.end_ms)
    assert {badge.gps_down_at(ms) for ms in ends} == {part == "gps"}
    assert {badge.scanner_down_at(ms) for ms in ends} == {part == "scanner"}
    assert badge.cell.health == (WEAK_HEALTH if part == "battery" else 1.0)


def test_it_is_charged_where_it_is_put_away_with_its_shift_ended():
    badge, ms_of, _ = worn()
    worn_ms, after_ms = ms_of("07:35"), ms_of("08:10")
    assert badge.on_charger_at(0)
    assert not badge.on_charger_at(worn_ms)
    assert badge.on_charger_at(after_ms)
    assert not badge.on_charger_at(after_ms, shift_open=True)
    forgotten, _, _ = worn(SMALL.replace("workers: [Ana", "forgets: all\n    workers: [Ana"))
    assert not forgotten.on_charger_at(after_ms)  # its shift goes on
    assert forgotten.on_charger_at(after_ms, shift_open=False)  # until it ends by itself
    none, _, _ = worn(SMALL + "badges: [{count: 2, charger: false}]\n")
    assert not none.on_charger_at(after_ms)


def test_it_is_as_cold_as_the_day_while_it_is_worn(tmp_path):
    (tmp_path / "w.csv").write_text("date,rain_mm,temperature_c\n2026-03-16,0,-7\n")
    story = source(f"{SMALL}calendar: {{weather: {{file: w.csv}}}}", tmp_path)
    badge = WornBadge(Roster(story, parameters(story)), 0)
    (day,) = badge.days
    moments = (0, day.start_ms, day.end_ms - 1, day.end_ms)
    assert [badge.celsius_at(ms) for ms in moments] == [20.0, -7.0, -7.0, 20.0]
    assert worn()[0].celsius_at(day.start_ms) == 20.0


OUTAGES = """
coverage:
  base_dbm: -108
  outages: [{begins: "07:02", ends: "07:04"}, {begins: "07:50", ends: "07:55"}]
"""


@pytest.mark.parametrize(("index", "ahead"), [(0, 600), (1, 600), (1, 7)])
def test_until_then_who_looks_every_minute_sees_the_same(index, ahead, monkeypatch):
    monkeypatch.setattr(worn_badge, "MINUTES_AHEAD", ahead)
    badge, _, roster = worn(SMALL + OUTAGES, index)
    seen, calm_ms = [], -1
    for ms in range(7, roster.parameters.end_ms, 60_000):
        sees = badge.worn_at(ms), badge.link_by_minute(ms).up, badge.celsius_at(ms)
        for other_ms in (ms, ms + 1234):  # who looks in between changes nothing
            assert badge.link_by_minute(other_ms) == badge.link_at(other_ms)
        if ms < calm_ms:
            assert sees == seen[-1]
        calm_ms = max(calm_ms, badge.calm_until(ms))
        seen.append(sees)
    assert len(set(seen)) > 1


def test_who_is_out_at_midnight_is_calm_up_to_the_hour_before(monkeypatch):
    badge, ms_of, _ = worn()
    colder_ms, (day,) = ms_of("07:45"), badge.days

    def celsius_at(badge, ms):
        return 5.0 if ms < colder_ms else 4.0

    monkeypatch.setattr(WornBadge, "celsius_at", celsius_at)
    monkeypatch.setattr(worn_badge, "HOUR_MS", 1_800_000)
    assert badge.calm_until(day.start_ms) == day.start_ms + 1_800_000 < colder_ms
    assert badge.calm_until(colder_ms - 60_000) == colder_ms - 60_000
    assert day.end_ms - 60_000 < badge.calm_until(colder_ms) <= day.end_ms
