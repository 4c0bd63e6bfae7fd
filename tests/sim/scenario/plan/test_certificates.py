from sim.scenario.plan.certificates import at_start, certificate_at
from sim.scenario.plan.roster import Roster
from tests.sim.fleet.story import parameters, source

STORY = """\
scenario: Certificates
start: "2026-03-16T06:00:00Z"
hours: 4
badges: [{count: 10}]
platforms:
  peridio:
    certificates:
      - {badges: [1], state: revoked}
      - {badges: [2], state: invalid, at: "08:00"}
      - {badges: [3], state: unknown, ends: "08:00"}
"""


def roster(text):
    story = source(text)
    return Roster(story, parameters(story))


def test_the_state_is_bad_from_its_time_to_its_end():
    one = roster(STORY)
    ms_of = one.site_plan.clock.ms_of
    states = [
        [certificate_at(one, index, ms_of(at)) for at in ("06:00", "07:59", "08:00", "10:00")]
        for index in range(4)
    ]
    assert states == [
        ["revoked"] * 4,
        [None, None, "invalid", "invalid"],
        ["unknown", "unknown", None, None],
        [None] * 4,
    ]


def test_a_share_is_a_share_and_a_larger_one_holds_the_smaller():
    few = roster(STORY.replace("{badges: [1], state: revoked}", "{share: 0.2, state: revoked}"))
    many = roster(STORY.replace("{badges: [1], state: revoked}", "{share: 0.7, state: revoked}"))
    bad = [{i for i in range(10) if certificate_at(one, i, 0) == "revoked"} for one in (few, many)]
    assert [len(found) for found in bad] == [2, 7]
    assert bad[0] < bad[1]


BEFORE = """
incidents:
  - {at: "2026-03-09 04:00", firmware: "0.4.0", waves: {every_days: 7, shares: [0.5, 1.0]}}
  - {at: "2026-03-10 04:00", firmware: "0.5.0", fails: true}
  - {at: "2026-03-10 04:00", badges: [1, 2], battery_pct: 55}
  - {at: "2026-03-17 04:00", firmware: "0.6.0"}
"""


def test_a_badge_begins_with_what_came_before_the_run_unless_it_was_turned_away():
    text = STORY.replace(
        "[2], state: invalid, at", '[2], state: invalid, at: "2026-03-09 03:00", ends'
    )
    begun = [at_start(roster(text + BEFORE), index) for index in range(10)]
    plain = [at_start(roster(STORY + BEFORE), index) for index in range(10)]
    assert [one.firmware for one in plain].count("0.4.0") == 10
    assert begun[1].firmware == "0.3.0"
    assert begun[2:] == plain[2:]
    assert [one.battery_pct for one in plain] == [55.0] * 2 + [100.0] * 8
