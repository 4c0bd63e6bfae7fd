"""What befalls a badge, and what it makes of it."""

import json

import pytest

from sim.fleet.field.badge import FieldBadge
from sim.fleet.upload.backend import ModelBackend
from sim.scenario.plan.roster import Roster
from sim.world.radio import Radio
from tests.sim.fleet.story import parameters, source
from tests.sim.scenario.story import SMALL


def lived(extra="", index=0, hours=1.5, text=SMALL):
    story = source(text + extra)
    roster = Roster(story, parameters(story, hours=hours))
    badge = FieldBadge(roster, index, Radio(roster.parameters.seed), ModelBackend(None))
    badge.run_until(roster.parameters.end_ms)
    badge.finish()
    return badge


def kinds(badge, *wanted):
    return [
        (row.entry.event_type, dict(row.entry.payload), row.ms)
        for row in badge.store.settled
        if row.entry.event_type in wanted
    ]


def incident(words):
    return f'incidents:\n  - {{at: "07:15", badges: [1], {words}}}\n'


def test_the_foreman_assigns_and_the_worker_ends():
    start, end = kinds(lived(), "shift_start", "shift_end")
    assert start[1] == {"worker_id": "Ana", "assigned_by": "Marko"}
    assert end[1] == {"worker_id": "Ana", "end_reason": "manual"}


def test_after_a_reboot_the_worker_is_assigned_anew_in_minutes():
    found = kinds(lived(incident("reboot: watchdog")), "reboot", "shift_start", "shift_end")
    words = [(kind, payload.get("reason", payload.get("end_reason"))) for kind, payload, _ in found]
    assert words == [
        ("reboot", "power_on"),
        ("shift_start", None),
        ("reboot", "watchdog"),
        ("shift_end", "reboot"),
        ("shift_start", None),
        ("shift_end", "manual"),
    ]
    assert 120_000 <= found[4][2] - found[3][2] <= 600_000


def test_an_update_that_cannot_upload_goes_back():
    badge = lived(incident('firmware: "0.4.0", fails: true'))
    versions = [r.entry.firmware_version for r in badge.store.settled if "reboot" in str(r.entry)]
    assert versions[0] == "0.3.0" == badge.badge.firmware_version
    assert "0.4.0" in versions


def test_an_update_that_uploads_stays():
    assert lived(incident('firmware: "0.4.0"')).badge.firmware_version == "0.4.0"


def test_a_swapped_battery_boots_the_badge():
    badge = lived(incident("battery_pct: 4"))
    assert kinds(badge, "low_battery")[0][1]["battery_pct"] == 4
    assert [payload["reason"] for _, payload, _ in kinds(badge, "reboot")] == ["power_on"] * 2


def test_a_wrong_clock_is_seen_in_the_stamps_and_not_in_the_truth():
    badge = lived(incident("clock_off_s: 7200"))
    start_ms = badge._site_plan.clock.start_unix_ms
    off = {round((r.entry.unix_ms - start_ms - r.ms) / 1000) for r in badge.store.settled}
    assert off == {0, 7200}


def test_a_receiver_that_fails_gives_no_fix_and_a_scanner_meets_nobody():
    gps = lived(incident("gps_down_min: 10"))
    during = [k for k, _, ms in kinds(gps, "gps", "gps_no_fix") if 1_500_000 < ms < 2_100_000]
    assert set(during) == {"gps_no_fix"}
    deaf = lived(incident("scanner_down_min: 60"))
    assert not [ms for _, _, ms in kinds(deaf, "ble_proximity") if ms > 1_500_000]
    assert kinds(lived(), "ble_proximity")


@pytest.mark.parametrize(("fault", "kind"), [("gps", "gps_no_fix"), ("reboots", "reboot")])
def test_a_faulty_share(fault, kind):
    extra = f"badges:\n  - {{count: 2, faulty: {{share: 1, fault: {fault}}}}}\n"
    badge = lived(extra, hours=1.5)
    assert kinds(badge, kind)
    if fault == "gps":
        assert not kinds(badge, "gps")


def test_a_badge_nobody_wears_beats_its_heart_and_charges():
    text = SMALL[: SMALL.index("crews:")] + "badges:\n  - {count: 1, battery_pct: 20}\n"
    badge = lived(text=text)
    assert {r.entry.event_type for r in badge.store.settled} == {"reboot", "upload_heartbeat"}
    assert badge.power.reading()[0] > 50


def test_where_there_is_no_network_the_fix_tells_the_time():
    badge = lived("coverage: {base_dbm: -140}\n")
    rows = badge.store.settled
    assert all(row.why == "queued" and not row.arrived for row in rows)
    assert all(row.entry.unix_ms is not None for row in rows)
    assert badge.uplink.counts["no_network"] > 0


def test_an_empty_battery_takes_its_events_along():
    extra = "coverage: {base_dbm: -140}\nbadges:\n  - {count: 2, battery_pct: 3, charger: false}\n"
    badge = lived(extra, hours=1.5)
    assert badge.badge.state == "off"
    assert {row.why for row in badge.store.settled} == {"battery"}
    assert json.dumps(kinds(badge, "shift_end")[0][1]).count("low_battery") == 1


def test_no_roll_out_reaches_a_badge_while_its_certificate_is_bad():
    """The state counts when the update was planned."""
    words = """
incidents:
  - {at: "07:10", firmware: "0.4.0"}
  - {at: "07:40", firmware: "0.5.0"}
platforms:
  peridio:
    certificates:
      - {badges: [1], state: invalid, ends: "07:20"}
      - {badges: [2], state: revoked}
"""
    reached = [lived(words, index).badge.firmware_version for index in range(2)]
    assert reached == ["0.5.0", "0.3.0"]
    assert lived(words.replace("[2]", "[1]"), 1).badge.firmware_version == "0.5.0"


def test_a_fix_tells_the_time_where_no_network_does():
    dark = 'coverage: {outages: [{begins: "00:00", ends: "23:59"}]}\n'
    rows = lived(dark).store.settled
    assert any(row.entry.event_type == "gps" for row in rows)
    assert any(row.entry.unix_ms is not None for row in rows)
    assert not any(row.arrived for row in rows)


def test_a_badge_that_breaks_says_nothing_more():
    broken = lived('calendar: {badges: [{badge: 1, breaks: "07:20"}]}\n')
    ends_ms = broken.worn.life.ends_ms
    before = [row for row in lived().store.settled if row.ms < ends_ms]
    assert [row.entry for row in broken.store.settled] == [row.entry for row in before]
    assert broken.next_ms is None
    assert not kinds(broken, "shift_end")


def test_a_badge_that_is_handed_out_later_boots_then():
    badge = lived('badges: [{count: 2, since: "07:10"}]\n')
    (boot,) = kinds(badge, "reboot")
    assert 1_200_000 <= boot[2] <= 1_200_000 + 120_000
    assert badge.worn.days == ()  # she came at seven, and there was none


def test_the_cold_takes_of_a_battery(tmp_path):
    (tmp_path / "w.csv").write_text("date,rain_mm,temperature_c\n2026-03-16,0,-20\n")
    story = source(f"{SMALL}calendar: {{weather: {{file: w.csv}}}}", tmp_path)
    roster = Roster(story, parameters(story))
    cold = FieldBadge(roster, 0, Radio(roster.parameters.seed), ModelBackend(None))
    cold.run_until(cold.worn.days[0].end_ms - 60_000)
    assert cold.power.celsius == -20.0
    assert cold.power.reading()[1] < lived(hours=0.9).power.reading()[1]
