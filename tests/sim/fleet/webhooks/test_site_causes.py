from sim.fleet.webhooks.site_causes import site_causes
from sim.scenario.plan.roster import Roster
from tests.sim.fleet.story import parameters, source
from tests.sim.scenario.story import SMALL

STORY = (
    SMALL
    + """\
platforms:
  blecon:
    hotspots:
      depot: {at: depot}
      gate: {at: [1, 1], installed: "07:00", moved: {at: "07:30", to: [2, 2]}, removed: "08:00"}
      late: {at: [1, 1], installed: "09:00"}
  peridio:
    api_keys: [{at: "07:10", name: Office}, {at: "07:05", name: Yard}]
    roll: {at: "07:20", ttl_s: 30}
"""
)


def test_what_happens_to_the_site_within_the_run_in_order_of_time():
    story = source(STORY)
    roster = Roster(story, parameters(story))
    found = site_causes(roster)
    word, start_ms = roster.site_plan.clock.word, roster.site_plan.clock.start_unix_ms
    assert [(word(one.utc_ms - start_ms)[:5], one.kind, one.number) for one in found] == [
        ("07:00", "configured", 1),
        ("07:05", "api_key", 1),
        ("07:10", "api_key", 2),
        ("07:20", "rolled", 1),
        ("07:30", "configured", 2),
        ("08:00", "configured", 3),
    ]
    assert {one.index for one in found} == {-1}
    changes = [one.facts["change"] for one in found if one.kind == "configured"]
    assert changes == ["created", "updated", "deleted"]
    assert [one.facts["name"] for one in found if one.kind == "api_key"] == ["Yard", "Office"]


def test_a_site_without_platforms_has_none():
    story = source()
    assert site_causes(Roster(story, parameters(story))) == []
