from sim.fleet.field.sensors import FieldSensors
from sim.scenario.plan.roster import Roster
from sim.scenario.plan.worn_badge import WornBadge
from sim.world.radio import Radio
from tests.sim.fleet.story import parameters, source
from tests.sim.scenario.story import SMALL

CYCLE_MS = 5_000


def sensors(text=SMALL, timeout_ms=10_000):
    story = source(text)
    roster = Roster(story, parameters(story))
    return roster, FieldSensors(roster.site_plan, Radio(3), WornBadge(roster, 0), timeout_ms)


def test_cycles_are_the_same_whenever_the_block_begins():
    roster, one = sensors()
    _, other = sensors()
    begin = roster.site_plan.clock.ms_of("07:31")
    whole = {ms: one.heard(ms, ms + CYCLE_MS) for ms in range(begin, begin + 600_000, CYCLE_MS)}
    late = {
        ms: other.heard(ms, ms + CYCLE_MS)
        for ms in range(begin + 35_000, begin + 600_000, CYCLE_MS)
    }
    assert {ms: whole[ms] for ms in late} == late
    assert sum(bool(found) for found in whole.values()) > 50


def test_a_cold_start_answers_only_in_time():
    roster, one = sensors()
    ms = roster.site_plan.clock.ms_of("07:10")
    assert one.found(ms) is None  # off
    one.power_gps(ms, True)
    assert one.found(ms) is None  # 35 s to the first fix, and the badge waits for 10
    assert any(one.found(ms + after) for after in range(60_000, 120_000, 15_000))


def test_a_part_that_is_down_is_silent():
    down = 'incidents: [{at: "07:30", gps_down_min: 5}, {at: "07:31", scanner_down_min: 5}]'
    roster, one = sensors(f"{SMALL}{down}")
    ms_of = roster.site_plan.clock.ms_of
    one.power_gps(ms_of("07:10"), True)
    heard = [one.heard(ms_of(at), ms_of(at) + CYCLE_MS) for at in ("07:30:55", "07:31", "07:36")]
    assert [found is None for found in heard] == [False, True, False]
    assert one.found(ms_of("07:34:50")) is None
    assert one.found(ms_of("07:35")) is not None


def test_a_tag_without_a_battery_is_not_heard():
    flat = 'calendar: {tags: [{equipment: mixer, flat: "07:33", changed: "07:36"}]}'
    roster, one = sensors(f"{SMALL}{flat}")
    _, other = sensors()
    ms_of = roster.site_plan.clock.ms_of
    for at, silent in (("07:32:55", False), ("07:33", True), ("07:35:55", True), ("07:36", False)):
        heard = one.heard(ms_of(at), ms_of(at) + CYCLE_MS)
        assert heard == (() if silent else other.heard(ms_of(at), ms_of(at) + CYCLE_MS))
