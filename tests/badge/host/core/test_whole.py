"""Inputs in whole numbers (that they give the same events is in test_c_core)."""

import pytest

from badge.errors import MisuseError
from badge.host.core.whole import UNKNOWN, clamped, heard_bytes, whole_fix
from badge.inputs import GpsFix


def test_a_fix_in_micro_degrees_and_tenths():
    fix = GpsFix(33.749, -84.3880004, accuracy_m=2.25, altitude_m=-3.04, speed_kmh=4.96)
    assert whole_fix(fix, 3.0) == (33_749_000, -84_388_000, 22, UNKNOWN, -30, 50)


def test_an_hdop_stays_one_where_it_has_three_decimals():
    assert whole_fix(GpsFix(0, 0, hdop=1.234), 3.0)[2:4] == (UNKNOWN, 1234)
    assert whole_fix(GpsFix(0, 0, hdop=1.2345), 2.0)[2:4] == (25, UNKNOWN)


def test_an_impossible_fix_is_one_for_the_core_too():
    assert abs(whole_fix(GpsFix(91, 0), 3.0)[0]) > 90_000_000


def test_a_number_that_the_core_cannot_hold():
    with pytest.raises(MisuseError, match=r"214748364\.7"):
        whole_fix(GpsFix(1, 2, accuracy_m=1e10), 3.0)


def test_only_what_a_tag_can_be_is_heard():
    heard = (("F4:A7:2E:11:03:BC", -60), ("f4:a7:2e:11:03:bc", -60), ("?", -60))
    assert heard_bytes(heard) == bytes.fromhex("F4A72E1103BC") + bytes([256 - 60])
    assert heard_bytes((("F4:A7:2E:11:03:BC", 10**6),))[-1] == 127


def test_numbers_beyond_the_bounds():
    assert clamped(None) == UNKNOWN
    assert clamped(-5) == -1
    assert clamped(10**30) == 2**31 - 1
