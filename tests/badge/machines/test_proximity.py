"""Contract section 3, BLE: one line a cycle, one row a rule."""

from __future__ import annotations

import pytest

from badge.effects import StartScan
from badge.errors import MisuseError
from badge.inputs import ConfigPush, ScanResult
from badge.machines.core import Core
from badge.machines.proximity import SCAN, Proximity, ScanFact
from badge.machines.table import never
from badge.storage.memory import MemoryStore
from tests.badge.rig import OTHER, TAG, Rig

NEAR, FAR = -70, -71


def proximity(rssi, count=3, mac=TAG):
    return ("ble_proximity", {"tag_mac": mac, "rssi": rssi, "detection_count": count})


def lost(rssi, seconds, mac=TAG):
    return ("ble_lost", {"tag_mac": mac, "last_rssi": rssi, "duration_s": seconds})


def cycles(rig, *heard):
    """Play one cycle for each RSSI of the tag (None: unheard); return what each one made."""
    return [rig.scan(*([] if rssi is None else [(TAG, rssi)])) for rssi in heard]


@pytest.fixture
def rig():
    made = Rig()
    made.assign(0)
    return made


def test_a_cycle_takes_5_s_and_only_in_a_shift(rig):
    rig.until(12)
    assert rig.moments(StartScan) == [0, 5, 10]
    assert next(e for _, e in rig.did if type(e) is StartScan).duration_ms == 5000


@pytest.mark.parametrize(
    ("heard", "made"),
    [
        ((NEAR, -60, -65), [[], [], [proximity(-65)]]),
        ((NEAR, NEAR, FAR, NEAR, NEAR, NEAR), [[]] * 5 + [[proximity(NEAR)]]),
        ((NEAR, NEAR, None, NEAR, NEAR), [[]] * 5),
        ((FAR,) * 9, [[]] * 9),
    ],
)
def test_three_hits_in_a_row_at_the_threshold_make_it_present(rig, heard, made):
    assert cycles(rig, *heard) == made


@pytest.mark.parametrize(
    ("heard", "made"),
    [
        ((None,) * 5, [[]] * 4 + [[lost(-50, 25)]]),
        ((FAR, -99, None, None, FAR), [[]] * 4 + [[lost(FAR, 25)]]),
        ((FAR, -99, None, None, None), [[]] * 4 + [[lost(-99, 25)]]),
        ((None, None, None, None, NEAR, None, None, None, None), [[]] * 9),
        ((None,) * 4 + (NEAR,) + (None,) * 5, [[]] * 9 + [[lost(NEAR, 50)]]),
    ],
)
def test_five_misses_in_a_row_make_it_lost_with_the_last_rssi_of_any_strength(rig, heard, made):
    cycles(rig, -50, -50, -50)
    assert cycles(rig, *heard) == made


def test_a_present_tag_is_told_once_and_after_it_was_lost_again(rig):
    assert sum(map(len, cycles(rig, *[-50] * 20))) == 1
    assert cycles(rig, *[None] * 5, *[-50] * 3)[-1] == [proximity(-50)]


def test_a_cycle_in_which_the_scanner_was_down_moves_no_counter(rig):
    cycles(rig, -50, -50)
    rig.until(60)
    assert cycles(rig, -50)[0] == [proximity(-50)]
    cycles(rig, None, None, None, None)
    rig.until(200)
    assert rig.badge.tags_near == [TAG]
    assert cycles(rig, None)[0][0][0] == "ble_lost"


def test_the_strongest_sample_counts_and_only_known_tags(rig):
    for _ in range(2):
        rig.scan((TAG, -90), (TAG, -55), (TAG, -80), ("00:11:22:33:44:55", -30))
    assert rig.scan((TAG, -55), (TAG, -80)) == [proximity(-55)]


def test_a_second_result_in_a_cycle_is_ignored(rig):
    cycles(rig, -50)
    rig.give(ScanResult(((TAG, -50),)))
    rig.give(ScanResult(((TAG, -50),)))
    assert cycles(rig, -50)[0] == []


@pytest.mark.parametrize("impossible", [127, 0, -128])
def test_an_rssi_that_no_radio_can_have_was_not_heard(rig, impossible):
    cycles(rig, -50, -50)
    assert rig.scan((TAG, impossible), (TAG, -60), (OTHER, impossible)) == [proximity(-60)]
    cycles(rig, *[impossible] * 4)
    assert cycles(rig, impossible)[0] == [lost(-60, 25)]


def test_two_tags_are_told_in_the_order_in_which_they_were_first_heard(rig):
    for _ in range(2):
        rig.scan((OTHER, -50), (TAG, -50))
    assert rig.scan((TAG, -51), (OTHER, -52)) == [proximity(-52, mac=OTHER), proximity(-51)]


def test_every_number_is_a_setting():
    rig = Rig(ble_rssi_threshold=-80, ble_detection_count_threshold=2, ble_lost_count_threshold=1)
    rig.assign(0)
    assert cycles(rig, -80, -80, -81, -80) == [[], [proximity(-80, 2)], [lost(-81, 5)], []]


def test_a_push_applies_from_the_next_cycle_and_forgets_tags_no_longer_known(rig):
    cycles(rig, -50, -50)
    rig.give(ConfigPush({"ble_detection_count_threshold": 5, "ble_scan_period_s": 7}))
    assert cycles(rig, -50, -50)[-1] == []
    rig.give(ConfigPush({"known_equipment_tags": [OTHER]}))
    rig.give(ConfigPush({"known_equipment_tags": [TAG.lower()]}))
    rig.now_ms += 5000
    assert sum(map(len, cycles(rig, *[-50] * 3))) == 0


@pytest.mark.parametrize("fact", [f for f in ScanFact if SCAN.rows["off", f][1] is never])
def test_what_cannot_happen_while_off_is_a_misuse(fact):
    proximity_machine = Proximity(Core(Rig().badge.config, MemoryStore()))
    with pytest.raises(MisuseError):
        proximity_machine.on(fact)
