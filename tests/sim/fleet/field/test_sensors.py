from sim.fleet.field.sensors import FieldSurroundings
from sim.scenario.plan.roster import Roster
from sim.world.radio import Radio
from tests.sim.fleet.story import asked, told

CYCLE_MS = 5_000


def around(timeout_ms=10_000):
    story = told()
    roster = Roster(story, asked(story))
    made = FieldSurroundings(roster.terrain, Radio(3), "ACT-00000001", roster.wears(0), timeout_ms)
    return roster, made


def test_cycles_are_the_same_whenever_the_block_begins():
    roster, one = around()
    _, other = around()
    begin = roster.terrain.clock.ms_of("07:31")
    whole = {ms: one.heard(ms, ms + CYCLE_MS) for ms in range(begin, begin + 600_000, CYCLE_MS)}
    late = {
        ms: other.heard(ms, ms + CYCLE_MS)
        for ms in range(begin + 35_000, begin + 600_000, CYCLE_MS)
    }
    assert {ms: whole[ms] for ms in late} == late
    assert sum(bool(found) for found in whole.values()) > 50


def test_a_cold_start_answers_only_in_time():
    roster, one = around()
    ms = roster.terrain.clock.ms_of("07:10")
    assert one.fix(ms) is None  # off
    one.power_gps(ms, True)
    assert one.fix(ms) is None  # 35 s to the first fix, and the badge waits for 10
    told_of = []
    one.found = told_of.append
    fixes = [one.fix(ms + after) for after in range(60_000, 120_000, 15_000)]
    assert any(fixes)
    assert len(told_of) == sum(one is not None for one in fixes)


def test_before_the_first_day_it_hangs_at_the_depot():
    roster, one = around()
    assert one.position_at(0) == roster.terrain.depot
    assert not one.worn_at(0)
    assert one.worn_at(roster.terrain.clock.ms_of("07:20"))
    assert not one.worn_at(roster.terrain.clock.ms_of("08:20"))
