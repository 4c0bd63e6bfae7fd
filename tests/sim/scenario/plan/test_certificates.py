from sim.scenario.language.read import read_scenario
from sim.scenario.plan.certificates import CertifiedRoster
from tests.sim.fleet.story import asked, told

STORY = """\
scenario: Certificates
start: "2026-03-16T06:00:00Z"
hours: 4
badges: [{count: 10}]
incidents:
  - {at: "07:00", firmware: "0.4.0"}
  - {at: "08:00", reboot: watchdog}
  - {at: "09:00", firmware: "0.5.0"}
platforms:
  peridio:
    certificates:
      - {badges: [1], state: revoked}
      - {badges: [2], state: invalid, at: "08:00"}
      - {badges: [3], state: unknown, ends: "08:00"}
"""


def roster(text):
    story = told(text)
    return CertifiedRoster(story, asked(story))


def test_no_roll_out_reaches_a_badge_while_its_certificate_is_bad():
    one = roster(STORY)
    offered = [
        [p.incident.firmware for p in one.incidents(index) if p.incident.firmware]
        for index in range(4)
    ]
    assert offered == [[], ["0.4.0"], ["0.5.0"], ["0.4.0", "0.5.0"]]
    assert all(len([p for p in one.incidents(i) if p.incident.reboot]) == 1 for i in range(4))


def test_the_state_is_bad_from_its_time_to_its_end():
    one = roster(STORY)
    ms_of = one.terrain.clock.ms_of
    states = [
        [one.certificate_at(index, ms_of(at)) for at in ("06:00", "07:59", "08:00", "10:00")]
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
    bad = [{i for i in range(10) if one.certificate_at(i, 0) == "revoked"} for one in (few, many)]
    assert [len(found) for found in bad] == [2, 7]
    assert bad[0] < bad[1]


def test_without_certificates_nothing_changes():
    story = read_scenario("roll-out")
    one = CertifiedRoster(story, asked(story))
    plain = super(CertifiedRoster, one)
    assert [one.incidents(i) for i in range(20)] == [plain.incidents(i) for i in range(20)]
