from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.errors import InputError, MisuseError
from sim.world.battery import Battery, Cell, charged

HOUR_MS = 3_600_000
celsius = st.floats(-30, 60)


def test_two_thousand_milliamp_hours_last_as_long_as_they_say():
    battery = Battery(Cell())
    battery.drain(9_565, 209 * HOUR_MS)
    assert not battery.empty()
    battery.drain(9_565, HOUR_MS)
    assert battery.empty()
    assert battery.percent() == 0
    assert Battery(Cell()).hours_left(9_565) == pytest.approx(209.1, abs=0.1)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 500_000), st.integers(0, HOUR_MS)), max_size=9))
def test_splitting_a_span_changes_nothing(spans):
    whole, split = Battery(Cell()), Battery(Cell())
    for microamps, ms in spans:
        whole.drain(microamps, ms)
        for part in (ms // 3, ms - ms // 3):
            split.drain(microamps, part)
    assert whole == split


@settings(deadline=None)
@given(celsius, st.integers(0, 500_000), st.lists(st.integers(0, 10**12), max_size=8))
def test_draining_never_raises_percent_or_volts(temperature, microamps, drains):
    battery = Battery(Cell())
    seen = [(battery.percent(temperature), battery.voltage_mv(microamps, temperature))]
    for charge in drains:
        battery.drain(1, charge)
        seen.append((battery.percent(temperature), battery.voltage_mv(microamps, temperature)))
    assert seen == sorted(seen, reverse=True)
    assert all(0 <= percent <= 100 for percent, _ in seen)


def test_the_curve_at_rest():
    assert [charged(p).voltage_mv() for p in (100, 50, 10, 5, 0)] == [4200, 3840, 3690, 3610, 3270]
    assert [charged(p).percent() for p in (100, 50, 10, 5, 2, 0)] == [100, 50, 10, 5, 2, 0]


def test_a_battery_reads_its_charge_at_the_temperature_it_was_charged_for():
    for celsius in (-20.0, 0.0, 25.0, 45.0):
        assert charged(40, celsius=celsius).percent(celsius) == 40


def test_a_load_pulls_the_voltage_down_and_the_cold_more():
    half = charged(50)
    assert half.voltage_mv(400_000) == 3840 - 48
    drop_mv = half.voltage_mv(0, 0.0) - half.voltage_mv(400_000, 0.0)
    assert drop_mv == pytest.approx(48 * 2.1, abs=1.0)


def test_the_cold_takes_charge_and_the_warmth_gives_it_back():
    battery = charged(60)
    assert battery.percent(0.0) == 51
    assert battery.percent(-20.0) == 33
    assert charged(35).empty(-20.0)
    assert battery.percent(25.0) == 60


@settings(deadline=None)
@given(celsius)
def test_a_colder_battery_never_holds_more(temperature):
    assert Cell().usable_mah(temperature - 5) <= Cell().usable_mah(min(temperature, 45)) + 1e-9


def test_nothing_drawn_lasts_for_ever():
    assert charged(1).hours_left(0) == float("inf")


def test_what_cannot_be_is_refused():
    with pytest.raises(InputError, match="0 to 100"):
        charged(101)
    with pytest.raises(InputError, match="battery"):
        Cell(capacity_mah=0.0)
    with pytest.raises(MisuseError):
        Battery(Cell()).drain(-1, 1)
